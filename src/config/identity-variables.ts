import { z } from 'zod'
import { secret, text, type Variable } from './variable-kinds.ts'

/** Variables of the tokens of clients. */
export const identityVariables = {
  JWT_SECRET: secret('Secret that signs and verifies tokens (HS256).', 'Identity'),
  JWT_SECRET_PREVIOUS: secret('Previous JWT_SECRET, accepted while it is being replaced.', 'Identity'),
  JWKS_FILE: text(
    'a JSON file',
    'File with the JSON Web Key Set (RS256, PS256, ES256, EdDSA) that verifies tokens, in place of JWT_SECRET.',
    'Identity',
  ),
  JWKS_URL: {
    group: 'Identity',
    schema: z.url({ protocol: /^https?$/ }),
    expected: 'an http(s) address',
    meaning: 'Address of the JSON Web Key Set (RS256, PS256, ES256, EdDSA) that verifies tokens, in place of JWT_SECRET.',
  },
  JWT_ISSUER: text('the iss claim', 'Expected `iss` claim of tokens.', 'Identity', 'tidegate'),
  JWT_AUDIENCE: text('the aud claim', 'Expected `aud` claim of tokens.', 'Identity', 'tidegate'),
  JWT_LEEWAY_SECONDS: {
    group: 'Identity',
    schema: z.coerce.number().int().min(0).max(300),
    default: '5',
    expected: 'a whole number from 0 to 300',
    meaning: 'Allowed difference between the clocks of issuer and gateway, applied to the claims exp, nbf and iat.',
  },
} as const satisfies Record<string, Variable>

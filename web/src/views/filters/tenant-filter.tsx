import { useSignedIn } from '../../api/session.tsx'
import { useParam } from '../../router/location.tsx'
import { TextFilter } from './text-filter.tsx'

/** Field that limits a view to one tenant. Only an OPERATOR sees it, because others see their own tenant only. */
export function TenantFilter() {
  const { isOperator } = useSignedIn()
  return isOperator ? <TextFilter label="Tenant" name="tenant" placeholder="all" /> : null
}

/** Returns the tenant that the address names; undefined if it names none. */
export function useTenant(): string | undefined {
  const [tenant] = useParam('tenant', '')
  return tenant === '' ? undefined : tenant
}

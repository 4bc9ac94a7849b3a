import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import type { DocumentNode } from 'graphql'

/** Sends the id that graphql-codegen has given a document in place of its text. */
export const trustedDocumentLink = () =>
  new PersistedQueryLink({
    generateHash: (document: DocumentNode & { readonly __meta__?: { readonly hash: string } }) => {
      if (!document.__meta__) throw new Error('The document has no id: make it with the function graphql() of graphql-codegen.')
      return document.__meta__.hash
    },
  })

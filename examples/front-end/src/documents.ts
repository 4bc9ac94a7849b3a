import { gql, type TypedDocumentNode } from '@apollo/client'

export interface Money {
  readonly amount: number
  readonly currency: string
}

/** Why a mutation changed nothing. The message is written for people. */
interface UserError {
  readonly message: string
}

export interface Viewer {
  readonly role: string
  readonly user: { readonly id: string; readonly name: string } | null
  readonly tenant: { readonly id: string; readonly name: string; readonly currency: string } | null
}

export const VIEWER: TypedDocumentNode<{ readonly viewer: Viewer }, Record<string, never>> = gql`
  query Viewer {
    viewer {
      role
      user {
        id
        name
      }
      tenant {
        id
        name
        currency
      }
    }
  }
`

export interface Campaign {
  readonly id: string
  readonly name: string
  readonly status: 'DRAFT' | 'ACTIVE' | 'PAUSED' | 'ARCHIVED'
  readonly budget: Money
  readonly domainCount: number
  readonly version: number
}

/** Both lists are on the page at the same time, so each has its own query: a change of a call reloads no campaign. */
export const CAMPAIGNS: TypedDocumentNode<
  { readonly campaigns: { readonly totalCount: number; readonly nodes: readonly Campaign[] } },
  { readonly first: number }
> = gql`
  query Campaigns($first: Int!) {
    campaigns(first: $first) {
      totalCount
      nodes {
        id
        name
        status
        budget {
          amount
          currency
        }
        domainCount
        version
      }
    }
  }
`

interface ChangedCampaign {
  readonly campaign: Pick<Campaign, 'id' | 'name' | 'status' | 'version'> | null
  readonly errors: readonly UserError[]
}

export const PAUSE: TypedDocumentNode<{ readonly changed: ChangedCampaign }, { readonly id: string }> = gql`
  mutation Pause($id: ID!) {
    changed: pauseCampaign(input: { id: $id }) {
      campaign {
        id
        status
        version
      }
      errors {
        message
      }
    }
  }
`

export const RESUME: TypedDocumentNode<{ readonly changed: ChangedCampaign }, { readonly id: string }> = gql`
  mutation Resume($id: ID!) {
    changed: resumeCampaign(input: { id: $id }) {
      campaign {
        id
        status
        version
      }
      errors {
        message
      }
    }
  }
`

/** The version makes the update fail if somebody else changed the campaign since this page read it. */
export const RENAME: TypedDocumentNode<
  { readonly changed: ChangedCampaign },
  { readonly id: string; readonly version: number; readonly name: string }
> = gql`
  mutation Rename($id: ID!, $version: Int!, $name: String!) {
    changed: updateCampaign(input: { id: $id, version: $version, name: $name }) {
      campaign {
        id
        name
        status
        version
      }
      errors {
        message
      }
    }
  }
`

export interface Bid {
  readonly id: string
  readonly status: 'ACTIVE' | 'WON' | 'LOST' | 'CANCELLED' | 'EXPIRED'
  /** Undefined if the reader may not see what buyers pay. */
  readonly amount?: Money
  readonly placedAt: string
  readonly buyer: { readonly id: string; readonly name: string } | null
}

export interface Call {
  readonly id: string
  readonly status: 'INCOMING' | 'CONNECTED' | 'SETTLED' | 'MISSED'
  readonly callerState: string
  readonly startedAt: string
  readonly campaign: { readonly id: string; readonly name: string } | null
  readonly bids: { readonly totalCount: number; readonly nodes: readonly Bid[] }
}

interface CallList {
  readonly nodes: readonly Call[]
}

type Board = TypedDocumentNode<{ readonly ringing: CallList; readonly talking: CallList }, { readonly withAmounts: boolean }>

const LISTS = `
    ringing: calls(first: 8, filter: { status: INCOMING }) {
      nodes {
        ...BoardCall
      }
    }
    talking: calls(first: 8, filter: { status: CONNECTED }) {
      nodes {
        ...BoardCall
      }
    }
`

const BOARD_CALL = gql`
  fragment BoardCall on Call {
    id
    status
    callerState
    startedAt
    campaign {
      id
      name
    }
    bids(first: 3) {
      totalCount
      nodes {
        id
        status
        amount @include(if: $withAmounts) {
          amount
          currency
        }
        placedAt
        buyer {
          id
          name
        }
      }
    }
  }
`

/** @param withAmounts Whether the reader may see what buyers pay: others would get an error. */
export const CALL_BOARD: Board = gql`
  query CallBoard($withAmounts: Boolean!) {${LISTS}}
  ${BOARD_CALL}
`

/** The same board. The gateway sends the new state after a write; states in between may be left out. */
export const LIVE_CALL_BOARD: Board = gql`
  query LiveCallBoard($withAmounts: Boolean!) @live {${LISTS}}
  ${BOARD_CALL}
`

export interface Buyer {
  readonly id: string
  readonly name: string
}

export const BUYERS: TypedDocumentNode<{ readonly buyers: { readonly nodes: readonly Buyer[] } }, { readonly state: string }> = gql`
  query Buyers($state: String!) {
    buyers(first: 50, filter: { active: true, acceptsState: $state }) {
      nodes {
        id
        name
      }
    }
  }
`

export const PLACE_BID: TypedDocumentNode<
  { readonly placeBid: { readonly bid: { readonly id: string } | null; readonly errors: readonly UserError[] } },
  { readonly callId: string; readonly buyerId: string; readonly amount: number; readonly currency: string }
> = gql`
  mutation PlaceBid($callId: ID!, $buyerId: ID!, $amount: MinorUnits!, $currency: String!) {
    placeBid(input: { callId: $callId, buyerId: $buyerId, amount: { amount: $amount, currency: $currency } }) {
      bid {
        id
      }
      errors {
        message
      }
    }
  }
`

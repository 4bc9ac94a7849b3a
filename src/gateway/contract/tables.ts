/**
 * Types of the rows that loaders and writes use, by table. The gateway itself declares no table: each file that defines a table adds its
 * row type (`declare module '…/gateway/contract/tables.ts' { interface Tables { campaigns: CampaignRow } }`).
 */
// biome-ignore lint/suspicious/noEmptyInterface: other files extend it.
export interface Tables {}

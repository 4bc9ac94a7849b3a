/**
 * Monday to which the first rows of a source without dates belong, Unix epoch ms. It never changes, so every import of the same file gives
 * the same rows.
 */
export const REFERENCE_WEEK = Date.UTC(2025, 5, 23)

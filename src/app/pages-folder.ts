/** Folder of the built pages: the dashboard and the explorer. It need not exist. */
export const PAGES_FOLDER = new URL('../../web/dist', import.meta.url).pathname

export interface ViewProps {
  /** Parts of the path behind the path of the view, such as `['List']` for `/operations/List`. */
  readonly rest: readonly string[]
}

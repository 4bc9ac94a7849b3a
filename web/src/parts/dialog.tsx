import { type ReactNode, useEffect, useId, useRef } from 'react'

interface DialogProps {
  readonly title: string
  readonly isOpen: boolean
  /** Called when the reader closes the dialog, also with Escape. */
  readonly onClose: () => void
  readonly children: ReactNode
  /** Buttons at the end, beside the one that closes. */
  readonly actions?: ReactNode
  /** Text of the button that closes. */
  readonly closeText?: string
}

/** Modal dialog. The browser keeps the focus inside it, and gives it back to where it was. */
export function Dialog({ title, isOpen, onClose, children, actions, closeText = 'Close' }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = ref.current
    if (isOpen && dialog && !dialog.open) dialog.showModal()
    else if (!isOpen) dialog?.close()
  }, [isOpen])
  return (
    <dialog ref={ref} aria-labelledby={id} onClose={onClose}>
      {isOpen ? (
        <>
          <h2 id={id}>{title}</h2>
          <div className="dialog-body">{children}</div>
          <div className="dialog-actions">
            <button type="button" onClick={onClose}>
              {closeText}
            </button>
            {actions}
          </div>
        </>
      ) : null}
    </dialog>
  )
}

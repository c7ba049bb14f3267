/** How many frames a new row is waited for. */
const FRAMES = 30;

/**
 * Focuses the first field of a row that was just added, as soon as it is there: whoever goes on typing writes into it
 * and does not press the button again. A list does not open by that; typing opens it.
 */
export function focusNew(find: () => ParentNode | null | undefined): void {
  let frames = 0;
  const look = () => {
    const row = find();
    const field = row?.querySelector<HTMLElement>(
      'input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not(:disabled), textarea:not(:disabled)',
    );
    if (!field) {
      frames += 1;
      if (frames < FRAMES) requestAnimationFrame(look);
      return;
    }
    field.focus();
    field.scrollIntoView?.({ block: 'nearest' });
    if (field.getAttribute('role') === 'combobox' || field.getAttribute('aria-haspopup') === 'listbox') {
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', code: 'Escape', bubbles: true }));
    }
  };
  requestAnimationFrame(look);
}

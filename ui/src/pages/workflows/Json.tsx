import { useMemo } from 'react';
import classes from './Json.module.css';

const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON to read: keys, texts and numbers told apart. */
export function Json({ text }: { text: string }) {
  const parts = useMemo(() => {
    const parts: React.ReactNode[] = [];
    let at = 0;
    for (const match of text.matchAll(token)) {
      parts.push(text.slice(at, match.index));
      const [whole, quoted, colon] = match;
      const kind = colon ? classes.key : quoted ? classes.text : classes.atom;
      parts.push(
        <span key={match.index} className={kind}>
          {quoted ?? whole}
        </span>,
      );
      if (colon) parts.push(colon);
      at = match.index + whole.length;
    }
    parts.push(text.slice(at));
    return parts;
  }, [text]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.root} tabIndex={0} aria-label="The definition as JSON">
      <pre>{parts}</pre>
    </section>
  );
}

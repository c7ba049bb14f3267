import classes from './Facts.module.css';

/** Short facts in a row: what, and its value. */
export function Facts({ children }: { children: React.ReactNode }) {
  return <dl className={classes.root}>{children}</dl>;
}

export function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

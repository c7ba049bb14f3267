import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Health.module.css';

/** One subject of the health panel. */
export function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.block} aria-label={title}>
      <Title order={3}>{title}</Title>
      {children}
    </section>
  );
}

import { Paper, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import classes from './Bare.module.css';
import { Logo } from './Logo';
import { ColorSchemeToggle } from './Shell';

/** The frame of pages for people who are not signed in. */
export function Bare({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} – Neo Agent`;
  }, [title]);
  return (
    <main className={classes.root}>
      <div className={classes.toggle}>
        <ColorSchemeToggle />
      </div>
      <div className={classes.column}>
        <div className={classes.mark}>
          <Logo size={34} />
          <span>Neo Agent</span>
        </div>
        <Paper withBorder radius="lg" className={classes.card}>
          <Stack gap="lg">
            <div>
              <Title order={1}>{title}</Title>
              {lead && (
                <Text c="dimmed" mt={4} component="div">
                  {lead}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Paper>
      </div>
    </main>
  );
}

import { Badge, Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLocation, useSearch } from 'wouter';
import classes from './StateTabs.module.css';

/** Which tab the address asks for, by `?state=` or another name; the first when it names none of them. */
export function useStateTab<T extends string>(tabs: { value: T }[], name = 'state'): T {
  const asked = new URLSearchParams(useSearch()).get(name);
  const tab = tabs.find((t) => t.value === asked) ?? tabs[0];
  if (!tab) throw new Error('there are no tabs');
  return tab.value;
}

/** The states of a list, or the parts of a page, as tabs that are kept in the address. */
export function StateTabs<T extends string>({
  tabs,
  value,
  label,
  name = 'state',
  children,
}: {
  tabs: { value: T; label: string; count?: number }[];
  value: T;
  label: string;
  name?: string;
  children: ReactNode;
}) {
  const [path, navigate] = useLocation();
  const first = tabs[0]?.value;
  return (
    <Tabs
      value={value}
      onChange={(next) => navigate(next && next !== first ? `${path}?${name}=${next}` : path, { replace: true })}
      keepMounted={false}
    >
      <Tabs.List mb="md" className={classes.list} aria-label={label}>
        {tabs.map((tab) => (
          <Tabs.Tab
            key={tab.value}
            value={tab.value}
            rightSection={
              tab.count ? (
                <Badge size="sm" color="gray" aria-hidden="true">
                  {tab.count}
                </Badge>
              ) : null
            }
          >
            {tab.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={value}>{children}</Tabs.Panel>
    </Tabs>
  );
}

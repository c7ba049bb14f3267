import {
  ActionIcon,
  AppShell,
  Avatar,
  Burger,
  Group,
  Menu,
  NavLink,
  Text,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import {
  IconActivity,
  IconCalendarTime,
  IconLogout,
  IconMoon,
  IconPlugConnected,
  IconRoute,
  IconSettings,
  IconSun,
  IconUserCheck,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import type { Person } from '../api/client';
import { Problem } from '../api/problem';
import { ApprovalCount, approvalsLabel, useMyApprovals } from './ApprovalCount';
import { Bell } from './Bell';
import { ConnectionNotice } from './ConnectionNotice';
import { Logo } from './Logo';
import classes from './Shell.module.css';
import { useSignOut } from './session';

const menu = [
  { href: '/integrations', label: 'Integrations', icon: IconPlugConnected, also: [] },
  { href: '/workflows', label: 'Workflows', icon: IconRoute, also: [] },
  { href: '/approvals', label: 'Approvals', icon: IconUserCheck, also: [] },
  { href: '/scheduled-work', label: 'Scheduled Work', icon: IconCalendarTime, also: [] },
  { href: '/events', label: 'Event History', icon: IconActivity, also: ['/runs'] },
  { href: '/settings', label: 'Settings', icon: IconSettings, also: [] },
];

/** The frame of the dashboard: header, menu, page. */
export function Shell({ person, version, children }: { person: Person; version: string; children: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure(false);
  const [path] = useLocation();
  const approvals = useMyApprovals();
  const here = (href: string) => path === href || path.startsWith(`${href}/`);

  return (
    <AppShell
      header={{ height: 54 }}
      navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'xl' }}
    >
      <a className="skip-link" href="#page">
        Skip to the page
      </a>
      <AppShell.Header className={classes.header}>
        <Group gap="sm" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={opened ? 'Close menu' : 'Open menu'}
            aria-expanded={opened}
          />
          <Link href="/" className={classes.mark} onClick={close}>
            <Logo />
            <span>Neo Agent</span>
          </Link>
        </Group>
        <Group gap={6} wrap="nowrap">
          <Bell />
          <ColorSchemeToggle />
          <UserMenu person={person} />
        </Group>
      </AppShell.Header>

      <AppShell.Navbar className={classes.nav} component="nav" aria-label="Main">
        <div className={classes.links}>
          {menu.map(({ href, label, icon: Icon, also }) => (
            <NavLink
              key={href}
              component={Link}
              href={href}
              label={label}
              leftSection={<Icon size={18} stroke={1.7} aria-hidden="true" />}
              rightSection={href === '/approvals' && <ApprovalCount count={approvals} />}
              active={here(href) || also.some(here)}
              aria-current={here(href) || also.some(here) ? 'page' : undefined}
              aria-label={href === '/approvals' ? approvalsLabel(approvals) : undefined}
              onClick={close}
              className={classes.link}
            />
          ))}
        </div>
        <Text size="xs" c="dimmed" className={classes.version}>
          Neo Agent {version}
        </Text>
      </AppShell.Navbar>

      <AppShell.Main id="page" tabIndex={-1} className={classes.main}>
        <div className={classes.content}>
          <ConnectionNotice />
          {children}
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

export function ColorSchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const next = scheme === 'dark' ? 'light' : 'dark';
  return (
    <Tooltip label={`Switch to ${next} theme`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        onClick={() => setColorScheme(next)}
        aria-label={`Switch to ${next} theme`}
      >
        {scheme === 'dark' ? <IconSun size={18} stroke={1.7} /> : <IconMoon size={18} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  );
}

function UserMenu({ person }: { person: Person }) {
  const signOut = useSignOut();
  const onSignOut = () =>
    signOut.mutate(undefined, {
      onError: (error) =>
        notifications.show({ color: 'red', title: 'Not signed out', message: Problem.from(error).message }),
    });
  return (
    <Menu position="bottom-end" width={240} shadow="md">
      <Menu.Target>
        <UnstyledButton className={classes.user} aria-label={`Account of ${person.name}`}>
          <Avatar size={30} radius="xl" color="petrol" name={person.name} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.person}>
          <Text fw={600} truncate>
            {person.name}
          </Text>
          <Text size="sm" c="dimmed" truncate>
            {person.email}
          </Text>
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={onSignOut} disabled={signOut.isPending}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

import type { Permission, PermissionLevel } from './queries';

export const levels: { value: PermissionLevel; label: string }[] = [
  { value: 'DISABLED', label: 'Disabled' },
  { value: 'READ_ONLY', label: 'Read Only' },
  { value: 'READ_WRITE', label: 'Read-Write' },
];

const uses: Record<string, string> = {
  TICKETS: 'Fields, state and assignment; creating and linking tickets',
  WORK_NOTES: 'Notes that only technicians see',
  CLIENT_NOTES: 'Notes that the customer sees',
  TIME_ENTRIES: 'Time worked on tickets',
  EMAIL: 'E-mails that the ticket system sends for Neo',
  USERS_AND_GROUPS: 'Who people are, and who is in which group',
  COMPANIES: 'The customers’ companies',
  CONFIGURATION_ITEMS: 'Devices and services that tickets are about',
  KNOWLEDGE_BASE: 'Articles',
  ATTACHMENTS: 'Files on tickets',
  SLAS: 'Deadlines, and whether they are met',
};

/** What Neo needs a group for; "" for one that this dashboard does not know yet. */
export function purposeOf(group: string): string {
  return uses[group] ?? '';
}

/** Whether Neo may write nothing at all. */
export function nothingWritable(permissions: Permission[]): boolean {
  return permissions.every((p) => p.level !== 'READ_WRITE');
}

export function withLevel(permissions: Permission[], level: PermissionLevel): Permission[] {
  return permissions.map((p) => ({ ...p, level, ask_first: false }));
}

/** How many groups differ. */
export function changedGroups(a: Permission[], b: Permission[]): number {
  return a.filter((p, i) => p.level !== b[i]?.level || p.ask_first !== b[i]?.ask_first).length;
}

/** The id of the row of a group, to which links lead. */
export const permissionRow = (group: string) => `permission-${group}`;

/** Where exactly the switch of a group is. */
export const permissionPath = (integration: string, group: string) =>
  `/integrations/servicenow/${integration}#${permissionRow(group)}`;

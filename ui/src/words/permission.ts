const groups: Record<string, string> = {
  TICKETS: 'Tickets',
  WORK_NOTES: 'Work Notes',
  CLIENT_NOTES: 'Client-Facing Notes',
  TIME_ENTRIES: 'Time Entries',
  EMAIL: 'Email',
  USERS_AND_GROUPS: 'Users and Groups',
  COMPANIES: 'Companies',
  CONFIGURATION_ITEMS: 'Configuration Items',
  KNOWLEDGE_BASE: 'Knowledge Base',
  ATTACHMENTS: 'Attachments',
  SLAS: 'SLAs',
};

/** A permission group by the name under which people know it. */
export function groupName(group: string): string {
  return groups[group] ?? group;
}

import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';

/** Copies text; `label` says what. `compact` is an icon alone. */
export function Copy({ value, label, compact }: { value: string; label: string; compact?: boolean }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);

  const onClick = () => void copyText(value).then(setCopied);
  const icon = copied ? <IconCheck size={15} /> : <IconCopy size={15} />;
  if (compact) {
    return (
      <Tooltip label={copied ? 'Copied' : label}>
        <ActionIcon variant="subtle" color={copied ? 'green' : 'gray'} onClick={onClick} aria-label={label}>
          {icon}
        </ActionIcon>
      </Tooltip>
    );
  }
  return (
    <Button size="xs" variant="default" leftSection={icon} onClick={onClick}>
      {copied ? 'Copied' : label}
    </Button>
  );
}

/** Browsers have a clipboard only on https and localhost; elsewhere the old command still works. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    document.body.append(area);
    area.select();
    const ok = document.execCommand('copy');
    area.remove();
    return ok;
  }
}

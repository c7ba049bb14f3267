import { Button, Combobox, Textarea, TextInput, useCombobox } from '@mantine/core';
import { IconBraces } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { entryOf } from './catalogue';
import { placeId, useEarlierSteps, useEditing, useProblem } from './editing';
import classes from './Template.module.css';

interface Names {
  group: string;
  items: { name: string; label: string }[];
}

/** What a template can name at this place of the workflow. */
function useTemplateNames(more: Names | undefined): Names[] {
  const { fields, changed } = useEditing();
  const steps = useEarlierSteps();
  const ticket = [...fields.values()].filter((e) => e.group === 'Ticket' || e.group === 'Custom fields');
  const groups: Names[] = [
    ...(more ? [more] : []),
    {
      group: 'Ticket',
      items: [
        { name: 'ticket.number', label: 'Number' },
        ...ticket
          .filter((e) => e.kind !== 'journal' && e.name !== 'number')
          .map((e) => ({ name: `ticket.${e.name}`, label: e.label })),
        { name: 'ticket.url', label: 'Link to the ticket' },
      ],
    },
    {
      group: 'The change',
      items: [
        { name: 'change.by', label: 'Who made it' },
        { name: 'change.fields', label: 'Fields that changed' },
        { name: 'comment', label: 'The customer’s newest comment' },
        ...changed.flatMap((field) => {
          const { label } = entryOf(fields, field);
          return [
            { name: `change.${field}.from`, label: `${label} before` },
            { name: `change.${field}.to`, label: `${label} after` },
          ];
        }),
      ],
    },
    { group: 'Earlier steps', items: steps },
    {
      group: 'People',
      items: [
        { name: 'technician.name', label: 'Technician' },
        { name: 'technician.email', label: 'Technician’s e-mail' },
        { name: 'company.name', label: 'Company' },
      ],
    },
    {
      group: 'This run',
      items: [
        { name: 'now', label: 'The time now' },
        { name: 'run.workflow', label: 'Name of the workflow' },
      ],
    },
  ];
  return groups.filter((g) => g.items.length > 0);
}

/** A control with a menu of the names that a template can have there. */
export function Insertable({
  label,
  onInsert,
  more,
  children,
}: {
  label: string;
  onInsert: (text: string) => void;
  /** Names that are known here only. */
  more?: Names;
  children: ReactNode;
}) {
  const [search, setSearch] = useState('');
  const names = useTemplateNames(more);
  const combobox = useCombobox({
    onDropdownOpen: () => combobox.focusSearchInput(),
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch('');
    },
  });
  const sought = search.trim().toLowerCase();
  const found = names
    .map((g) => ({
      ...g,
      items: g.items.filter((i) => `${i.label} ${i.name}`.toLowerCase().includes(sought)).slice(0, 60),
    }))
    .filter((g) => g.items.length > 0);
  return (
    <div className={classes.root}>
      {children}
      <Combobox
        store={combobox}
        width={330}
        shadow="md"
        position="bottom-end"
        onOptionSubmit={(name) => {
          combobox.closeDropdown();
          onInsert(`{{ ${name} }}`);
        }}
      >
        <Combobox.Target withAriaAttributes={false}>
          <Button
            className={classes.insert}
            size="compact-xs"
            variant="subtle"
            leftSection={<IconBraces size={13} />}
            onClick={() => combobox.toggleDropdown()}
            aria-label={`Insert into ${label}`}
            aria-haspopup="listbox"
            aria-expanded={combobox.dropdownOpened}
          >
            Insert
          </Button>
        </Combobox.Target>
        <Combobox.Dropdown>
          <Combobox.Search
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              combobox.updateSelectedOptionIndex('active');
              combobox.selectFirstOption();
            }}
            placeholder="Search what to insert"
            aria-label={`Search what to insert into ${label}`}
          />
          <Combobox.Options mah={280} style={{ overflowY: 'auto' }} aria-label="What to insert">
            {found.length === 0 && <Combobox.Empty>Nothing of that name</Combobox.Empty>}
            {found.map((g) => (
              <Combobox.Group key={g.group} label={g.group}>
                {g.items.map((i) => (
                  <Combobox.Option key={i.name} value={i.name}>
                    <span className={classes.option}>
                      <span>{i.label}</span>
                      <code aria-hidden="true">{i.name}</code>
                    </span>
                  </Combobox.Option>
                ))}
              </Combobox.Group>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
    </div>
  );
}

/** A text that is a Liquid template. */
export function TemplateText({
  label,
  path,
  value,
  onChange,
  line,
  placeholder,
  description,
  mono,
  more,
}: {
  label: string;
  /** Where the text is in the definition's JSON. */
  path: string;
  value: string;
  onChange: (text: string) => void;
  /** One line only. */
  line?: boolean;
  placeholder?: string;
  description?: string;
  mono?: boolean;
  more?: Names;
}) {
  const problem = useProblem(path);
  const input = useRef<HTMLTextAreaElement & HTMLInputElement>(null);
  const insert = (text: string) => {
    const at = input.current;
    const [from, to] = [at?.selectionStart ?? value.length, at?.selectionEnd ?? value.length];
    onChange(value.slice(0, from) + text + value.slice(to));
    requestAnimationFrame(() => {
      at?.focus();
      at?.setSelectionRange(from + text.length, from + text.length);
    });
  };
  const common = {
    ref: input,
    label,
    value,
    placeholder,
    description,
    error: problem,
    id: placeId(path),
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[],
    classNames: mono ? { input: 'mono' } : undefined,
  };
  return (
    <Insertable label={label} onInsert={insert} more={more}>
      {line ? (
        <TextInput {...common} onChange={(event) => onChange(event.currentTarget.value)} />
      ) : (
        <Textarea
          {...common}
          onChange={(event) => onChange(event.currentTarget.value)}
          autosize
          minRows={3}
          maxRows={14}
        />
      )}
    </Insertable>
  );
}

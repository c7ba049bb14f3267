import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import { open } from '../../test/open';
import { apiKey, busy, endpoint, full, serve, settings } from '../../test/server';
import { clock, dayWords, hoursMistakes, isOpen, sorted } from './hours';

describe('business hours', () => {
  test('are changed and saved', async () => {
    const { asked } = serve(full, { 'PUT /settings': ({ body }) => ({ data: body }) });
    const { user } = open('/settings');
    const save = await screen.findByRole('button', { name: 'Save settings' });
    expect(save).toBeDisabled();
    await user.click(screen.getByRole('checkbox', { name: 'Saturday' }));
    const closes = screen.getByLabelText('Closes at');
    await user.clear(closes);
    await user.type(closes, '20:00');
    expect(screen.getByText(/Open Monday to Saturday, 09:00 to 20:00/)).toBeInTheDocument();
    await user.click(save);
    await waitFor(() => expect(screen.queryByText('Unsaved changes')).not.toBeInTheDocument());
    expect(asked.find((a) => a.method === 'PUT')?.body).toEqual({
      ...settings,
      business_days: ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
      closes_at: '20:00',
    });
    expect(save).toBeDisabled();
  });

  test('that make no sense are not sent', async () => {
    const { asked } = serve(full);
    const { user } = open('/settings');
    const opens = await screen.findByLabelText('Opens at');
    await user.clear(opens);
    await user.type(opens, '18:00');
    await user.click(screen.getByRole('button', { name: 'Save settings' }));
    expect(screen.getByText(/Closing has to be later/)).toBeInTheDocument();
    expect(asked.some((a) => a.method === 'PUT')).toBe(false);
  });

  test('unsaved ones are not left by a slip, and a refusal says why', async () => {
    serve(full, { 'PUT /settings': busy });
    const { user } = open('/settings');
    await user.click(await screen.findByRole('checkbox', { name: 'Sunday' }));
    await user.click(screen.getByRole('button', { name: 'Save settings' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('The settings were not saved');
    await user.click(screen.getByRole('link', { name: 'Workflows' }));
    const dialog = await screen.findByRole('dialog', { name: 'Leave without saving?' });
    await user.click(within(dialog).getByRole('button', { name: 'Stay' }));
    expect(window.location.pathname).toBe('/settings');
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    await user.click(screen.getByRole('link', { name: 'Workflows' }));
    await user.click(await screen.findByRole('button', { name: 'Leave' }));
    await waitFor(() => expect(window.location.pathname).toBe('/workflows'));
  });

  test('fault 15: holidays are added, read from a calendar file, and saved', async () => {
    const { asked } = serve(full, {
      'PUT /settings': ({ body }) => ({ data: body }),
      'GET /settings': { data: { ...settings, holidays: [{ date: '12-25', name: 'Christmas' }] } },
    });
    const { user } = open('/settings');
    expect(await screen.findByLabelText('Name of Christmas')).toHaveValue('Christmas');
    const calendar = [
      'BEGIN:VCALENDAR',
      'BEGIN:VEVENT',
      'DTSTART;VALUE=DATE:20990403',
      'DTEND;VALUE=DATE:20990405',
      'SUMMARY:Easter\\, long',
      ' er',
      'BEGIN:VALARM',
      'SUMMARY:Alarm',
      'END:VALARM',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'DTSTART;VALUE=DATE:20150101',
      'RRULE:FREQ=YEARLY',
      'SUMMARY:New Year',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'DTSTART;VALUE=DATE:20151225',
      'RRULE:FREQ=YEARLY',
      'SUMMARY:Christmas Day',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'DTSTART;VALUE=DATE:20200101',
      'SUMMARY:Past',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'DTSTART:20990101T100000Z',
      'SUMMARY:A meeting',
      'END:VEVENT',
      'END:VCALENDAR',
    ].join('\r\n');
    const input = document.querySelector<HTMLInputElement>('input[type="file"]');
    if (!input) throw new Error('no file input');
    const file = new File([calendar], 'holidays.ics', { type: 'text/calendar' });
    await user.upload(input, Object.assign(file, { text: async () => calendar })); // which jsdom does not have
    expect(await screen.findByText(/3 of 4 days of holidays.ics were added/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Remove Christmas' }));
    await user.click(screen.getByRole('button', { name: 'Save settings' }));
    await waitFor(() => expect(screen.queryByText('Unsaved changes')).not.toBeInTheDocument());
    expect(asked.find((a) => a.method === 'PUT')?.body).toEqual({
      ...settings,
      holidays: [
        { date: '01-01', name: 'New Year' },
        { date: '2099-04-03', name: 'Easter, longer' },
        { date: '2099-04-04', name: 'Easter, longer' },
      ],
    });
    await waitFor(() => expect(window.history.state).toBeNull()); // the guard has stepped back
  });

  test('in words and numbers', () => {
    const hours = sorted(settings);
    const noon = Date.parse('2026-01-05T12:00:00Z'); // a Monday
    expect(clock('Asia/Tokyo', noon)).toEqual({ day: 'MON', time: '21:00', date: '2026-01-05' });
    expect(isOpen({ ...hours, time_zone: 'UTC', holidays: [{ date: '01-05' }] }, noon)).toBe(false);
    expect(isOpen({ ...hours, time_zone: 'UTC', holidays: [{ date: '2025-01-05' }] }, noon)).toBe(true);
    expect(hoursMistakes({ ...hours, holidays: [{ date: '02-30' }] })).toHaveProperty('holidays');
    expect(hoursMistakes({ ...hours, holidays: [{ date: '02-29' }, { date: '2026-12-25' }] })).toEqual({});
    expect(clock('Not/AZone', noon)).toBeNull();
    expect(isOpen({ ...hours, time_zone: 'UTC' }, noon)).toBe(true);
    expect(isOpen({ ...hours, time_zone: 'Asia/Tokyo' }, noon)).toBe(false);
    expect(isOpen({ ...hours, time_zone: 'UTC', closes_at: '12:00' }, noon)).toBe(false);
    expect(dayWords(['MON', 'WED'])).toBe('Monday and Wednesday');
    expect(dayWords(['FRI', 'SAT', 'SUN'])).toBe('Friday to Sunday');
    expect(hoursMistakes({ ...hours, business_days: [] })).toEqual({ days: 'Choose at least one day.' });
    expect(hoursMistakes(hours)).toEqual({});
  });
});

describe('message endpoints', () => {
  test('one is added with its secrets, which are never shown', async () => {
    const { asked, routes } = serve(full, { 'POST /endpoints': { data: endpoint } });
    const { user } = open('/settings?tab=endpoints');
    await user.click(await screen.findByRole('button', { name: 'Add endpoint' }));
    const dialog = await screen.findByRole('dialog', { name: 'Add a message endpoint' });
    await user.click(within(dialog).getByRole('button', { name: 'Add endpoint' }));
    expect(within(dialog).getByText(/Give it a name/)).toBeInTheDocument();
    expect(within(dialog).getByText('Enter the address.')).toBeInTheDocument();
    await user.type(within(dialog).getByLabelText('Name'), 'Status page');
    await user.click(within(dialog).getByRole('radio', { name: 'HTTPS' }));
    const address = within(dialog).getByLabelText('Address');
    expect(address).toHaveAttribute('type', 'password');
    await user.type(address, 'ftp://status.example.com');
    expect(within(dialog).getByText(/begins with https/)).toBeInTheDocument();
    await user.clear(address);
    await user.type(address, 'https://status.example.com/x');
    await user.click(within(dialog).getByRole('button', { name: 'Add header' }));
    await user.type(within(dialog).getByLabelText('Name of header 1'), 'Authorization');
    await user.type(within(dialog).getByLabelText('Value of header 1'), 'Bearer s3cret');
    routes['GET /endpoints'] = { data: [endpoint, { ...endpoint, id: 'en2', name: 'Status page' }] };
    await user.click(within(dialog).getByRole('button', { name: 'Add endpoint' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(asked.find((a) => a.method === 'POST')?.body).toEqual({
      name: 'Status page',
      kind: 'HTTPS',
      url: 'https://status.example.com/x',
      headers: [{ name: 'Authorization', value: 'Bearer s3cret' }],
    });
    expect(await screen.findByText('Status page')).toBeInTheDocument();
  });

  test('one is renamed without its address', async () => {
    const { asked } = serve(full, { 'PUT /endpoints/en1': { data: endpoint } });
    const { user } = open('/settings?tab=endpoints');
    await user.click(await screen.findByRole('button', { name: 'Edit On-call' }));
    const dialog = await screen.findByRole('dialog', { name: 'Edit “On-call”' });
    expect(within(dialog).getByLabelText('Address')).toHaveValue('');
    await user.type(within(dialog).getByLabelText('Name'), ' team');
    await user.click(within(dialog).getByRole('button', { name: 'Save endpoint' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(asked.find((a) => a.method === 'PUT')?.body).toEqual({ name: 'On-call team', kind: 'TEAMS' });
  });

  test('one is tested, and says what came of it', async () => {
    const { routes } = serve(full, {
      'POST /endpoints/en1/test': { status: 502, error: { code: 'unavailable', message: 'Teams answered 404.' } },
    });
    const { user } = open('/settings?tab=endpoints');
    const button = await screen.findByRole('button', { name: 'Send a test message to On-call' });
    await user.click(button);
    expect(await screen.findByRole('alert')).toHaveTextContent('The test failed: Teams answered 404.');
    routes['POST /endpoints/en1/test'] = { data: {} };
    await user.click(button);
    expect(await screen.findByText(/A test message was taken/)).toBeInTheDocument();
  });

  test('one is deleted after it was asked for', async () => {
    const { routes } = serve(full, { 'DELETE /endpoints/en1': { data: {} } });
    const { user } = open('/settings?tab=endpoints');
    await user.click(await screen.findByRole('button', { name: 'Delete On-call' }));
    routes['GET /endpoints'] = { data: [] };
    await user.click(await screen.findByRole('button', { name: 'Delete endpoint' }));
    expect(await screen.findByRole('heading', { name: 'No message endpoints yet' })).toBeInTheDocument();
  });
});

describe('API keys', () => {
  test('one is made, shown once, and gone when the window is closed', async () => {
    const { asked, routes } = serve(full, {
      'POST /api-keys': { data: { ...apiKey, id: 'k2', name: 'Laptop', key: 'neo_sk_secret' } },
    });
    const { user } = open('/settings?tab=api-keys');
    await user.click(await screen.findByRole('button', { name: 'Create API key' }));
    await user.click(await screen.findByRole('button', { name: 'Create key' }));
    expect(screen.getByText('Say what the key is for.')).toBeInTheDocument();
    await user.type(screen.getByLabelText('Name'), 'Laptop');
    await user.selectOptions(screen.getByLabelText('Expires'), 'Never');
    routes['GET /api-keys'] = { data: [apiKey, { ...apiKey, id: 'k2', name: 'Laptop' }] };
    await user.click(screen.getByRole('button', { name: 'Create key' }));
    expect(await screen.findByText('neo_sk_secret')).toBeInTheDocument();
    expect(asked.find((a) => a.method === 'POST')?.body).toEqual({ name: 'Laptop' });
    await user.keyboard('{Escape}');
    expect(screen.getByText('neo_sk_secret')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'I have it' }));
    await waitFor(() => expect(screen.queryByText('neo_sk_secret')).not.toBeInTheDocument());
    expect(await screen.findByText('Laptop')).toBeInTheDocument();
  });

  test('one is revoked after it was asked for', async () => {
    const { asked, routes } = serve(full, { 'DELETE /api-keys/k1': { data: {} } });
    const { user } = open('/settings?tab=api-keys');
    await user.click(await screen.findByRole('button', { name: 'Revoke CI' }));
    routes['GET /api-keys'] = { data: [] };
    await user.click(await screen.findByRole('button', { name: 'Revoke key' }));
    expect(await screen.findByRole('heading', { name: 'No API keys yet' })).toBeInTheDocument();
    expect(asked.some((a) => a.method === 'DELETE' && a.path === '/api-keys/k1')).toBe(true);
  });

  test('an expired one says so', async () => {
    serve(full, { 'GET /api-keys': { data: [{ ...apiKey, expires_at: '2020-01-01T00:00:00Z' }] } });
    open('/settings?tab=api-keys');
    expect(await screen.findByText('Expired')).toBeInTheDocument();
  });
});

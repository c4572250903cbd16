/** The page in a real browser, over a desk in memory: what an operator sees and does. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RequestLine } from '../../src/api/types.ts';
import { delivery, MemoryDesk, message } from './desk.ts';
import { night } from './night.ts';
import { type Served, serve } from './serve.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const present = existsSync(executablePath);
if (!present)
  console.warn(`The page's tests are skipped: there is no Chromium at ${executablePath}; install it, or set CHROMIUM_PATH`);

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

describe.skipIf(!present)('the page', () => {
  let desk: MemoryDesk;
  let served: Served;
  let browser: Browser;
  let page: Page;
  /** What the browser complained of, a breach of the Content-Security-Policy above all; and what it asked of other hosts. */
  let complaints: string[];
  let log: RequestLine[];

  beforeAll(async () => {
    served = await serve(() => desk, { log: (line) => log.push(line) });
    browser = await chromium.launch({ executablePath, args: [...flags, ...quiet] });
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
  });
  beforeEach(() => {
    desk = night(new Date());
    complaints = [];
    log = [];
  });
  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  async function open(path: string, options: BrowserContextOptions = {}): Promise<void> {
    const context = await browser.newContext(options);
    page = await context.newPage();
    page.on('console', (line) => ['error', 'warning'].includes(line.type()) && complaints.push(line.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(served.url) && !request.url().startsWith('data:')) complaints.push(`asked ${request.url()}`);
    });
    await page.goto(served.url + path);
  }

  const row = (table: string, text: string) =>
    page.getByRole('table', { name: table }).getByRole('row').filter({ hasText: text });
  /** Looked at from here: what waits within the page is code of a string, which its Content-Security-Policy forbids. */
  const expectRows = (table: string) =>
    expect.poll(() => page.locator(`table[aria-label=${table}] tbody tr`).count(), { timeout: 10_000 });

  test('one sentence says what is wrong and why, and one button, after a question, mends it', async () => {
    await open('/');
    const verdict = page.getByRole('region', { name: 'Verdict' });
    await verdict.getByText('lab: 14 messages parked').waitFor();
    await verdict.getByText('The destination refused the bundle').waitFor();
    expect(await page.title()).toBe('lab: 14 messages parked · Weir');

    await verdict.getByRole('button', { name: 'Replay all 14 parked of lab' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('14 messages of lab will be mapped').waitFor();
    expect(desk.replayed).toEqual([]);
    await dialog.getByRole('button', { name: 'Replay all 14' }).click();
    await verdict
      .getByText(/All is well|waiting/)
      .first()
      .waitFor();
    expect(desk.replayed).toEqual(Array.from({ length: 14 }, (_, index) => `${41 + index}`));
  });

  test('each channel has its figures, and a figure leads to the messages it counts', async () => {
    await open('/');
    const lab = row('Channels', 'The lab feed');
    await lab.waitFor();
    expect(await lab.getByRole('cell').allTextContents()).toEqual([
      '2576',
      '15',
      '0',
      '0',
      '1',
      '14',
      '0',
      '0',
      expect.stringMatching(/^\d+ s$/),
      expect.stringMatching(/ago|now/),
    ]);
    await lab.getByRole('link', { name: '14 parked of lab' }).click();
    await page.waitForURL('**/?channel=lab&state=parked');
    await expectRows('Messages').toBe(14);
    expect(await page.getByLabel('State').inputValue()).toBe('parked');
  });

  test('what came and was no message is counted with its channel, listed without its bytes, and shown with them on a page of its own', async () => {
    await open('/');
    const adt = row('Channels', 'The adt feed');
    await adt.getByRole('cell', { name: '2575 TLS' }).waitFor();
    await adt.getByRole('link', { name: '4 times trouble on the wire of adt' }).click();
    await page.waitForURL('**/troubles?channel=adt');
    await page.getByRole('list', { name: 'Counts' }).getByText('3 Bytes outside a frame').waitFor();
    await row('Trouble', "Sender's certificate does not hold").waitFor();
    expect(await page.content()).not.toMatch(/Quillfeather/);
    await row('Trouble', 'Bytes outside a frame').first().click();
    await page.waitForURL('**/troubles/3');
    await page.getByText('47 45 54 20 2f 51 75 69').waitFor();
    await page.getByText('GET /Quillfeathe').waitFor();
    await page.getByText('From 10.1.2.3:40112').waitFor();
  });

  test('the page follows the engine without a reload', async () => {
    await open('/');
    await row('Messages', 'C58').waitFor();
    desk.add(message({ id: '59', controlId: 'JUSTNOW' }));
    await row('Messages', 'JUSTNOW').waitFor();
  });

  test('the list leads back through all messages, and holds no content (promise 7)', async () => {
    await open('/');
    await row('Messages', 'C58').waitFor();
    await page.getByRole('link', { name: 'Older' }).click();
    await row('Messages', 'C20').waitFor();
    await page.getByRole('link', { name: 'Older' }).click();
    await page
      .getByRole('row')
      .filter({ has: page.getByRole('cell', { name: 'C1', exact: true }) })
      .waitFor();
    expect(await page.getByRole('link', { name: 'Older' }).count()).toBe(0);
    expect(await page.content()).not.toMatch(/Quillfeather|4711/);
    await page.getByRole('link', { name: 'Newest' }).click();
    await row('Messages', 'C58').waitFor();
  });

  test('a message has an address of its own: its state as a sentence, its segments with positions', async () => {
    await open('/?channel=adt&state=delivered');
    await row('Messages', 'C40').click();
    await page.waitForURL('**/messages/40');
    await page.getByRole('heading', { name: 'ADT^A08 C40' }).waitFor();
    await page.getByText(/^Delivered to sandbox at .*\.$/).waitFor();
    await page.getByRole('region', { name: 'PID' }).getByText('Quillfeather').hover();
    await page.locator('code', { hasText: /^PID-5\.1$/ }).waitFor();
    expect(await page.getByTitle('PID-3[2].5', { exact: true }).textContent()).toBe('SS');
    expect(await page.getByTitle('PID-11.1', { exact: true }).textContent()).toBe('12 Weaver&Sons Row');
    expect(page.url()).toBe(`${served.url}/messages/40`);
  });

  test('long values are cut until they are asked for; line breaks and highlights are shown as meant', async () => {
    await open('/messages/54');
    const document = page.getByTitle('OBX[3]-5.5', { exact: true });
    await document.waitFor();
    expect((await document.textContent())?.length).toBeLessThan(400);
    await document.getByRole('button', { name: 'Show all 40,000 characters' }).click();
    expect((await document.textContent())?.length).toBeGreaterThan(40_000);
    // biome-ignore lint/performance/useDomNodeTextContent: line breaks are what is asked for
    expect(await page.getByTitle('OBX[2]-5', { exact: true }).innerText()).toMatch(
      /^Sample slightly haemolysed\.\nRepeat if .* fit\.\nPhoned to the ward\.$/,
    );
    expect(await page.locator('mark').allTextContents()).toEqual(['Repeat']);
  });

  test('a message of thousands of segments opens at once, and shows the rest when asked', async () => {
    const notes = Array.from({ length: 700 }, (_, index) => `NTE|${index + 1}||a note`);
    const raw = new TextEncoder().encode(['MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5', ...notes].join('\r'));
    desk.add(message({ id: '60', raw }));
    await open('/messages/60');
    await page.getByTitle('NTE[59]-1', { exact: true }).waitFor();
    expect(await page.getByTitle('NTE[60]-1', { exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Show more of 701 segments' }).click();
    await page.getByTitle('NTE[559]-1', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Show more of 701 segments' }).click();
    await page.getByTitle('NTE[700]-1', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
  });

  test('bundle, fields, attempts, ACK and raw text have a tab each, and an address', async () => {
    await open('/messages/54#bundle');
    await page.getByText('Transaction of 2 resources for cdr').waitFor();
    await page.getByText('PUT Patient?identifier=urn:id:MAIN|4711').waitFor();
    await page.getByRole('tab', { name: 'Fields' }).click();
    await row('Fields', 'Patient.name[0].family').waitFor();
    await page.getByText('dropped 1', { exact: true }).click();
    await expectRows('Fields').toBe(1);
    await page.getByRole('tab', { name: 'Attempts (1)' }).click();
    await row('Attempts', 'HTTP 422').waitFor();
    await page.getByRole('tab', { name: 'ACK' }).click();
    await page.getByText('MSA|AA|C54').waitFor();
    await page.getByRole('tab', { name: 'Raw text' }).click();
    await page.getByText('OBX|1|NM|2093-3^Cholesterol^LN').waitFor();
    expect(page.url()).toBe(`${served.url}/messages/54#raw`);
  });

  test('what a destination was sent as a message, which edit changed what, and what it answered', async () => {
    const ack = { code: 'AE', errors: ['101', '207'] };
    const attempts = [{ at: new Date('2026-03-01T08:00:01Z'), status: null, ack, milliseconds: 9, error: null }];
    const sent = new TextEncoder().encode('MSH|^~\\&|EPIC|MAIN|LIS||||ADT^A01|1|P|2.5\rPID|1\r');
    const lis = delivery({ destination: 'lis', content: 'message', sent, attempts });
    desk.add(message({ id: '61', deliveries: [delivery({}), lis] }));
    await open('/messages/61#sent');
    const view = page.getByRole('region', { name: 'Message for lis', exact: true });
    await view.getByText('MSH|^~\\&|EPIC|MAIN|LIS').waitFor();
    expect(await view.getByRole('list', { name: "What today's edits change" }).textContent()).toBe('MSH-5 set lis, step 1');
    await page.getByRole('tab', { name: 'Bundle' }).click();
    await page.getByText('Transaction of 2 resources for sandbox').waitFor();
    await page.getByRole('tab', { name: 'Attempts (2)' }).click();
    await row('Attempts', 'AE, ERR 101 207').waitFor();
  });

  test('without an explanation from the engine there is no tab for it', async () => {
    const other = await serve(() => desk, { explain: null });
    const context = await browser.newContext();
    page = await context.newPage();
    await page.goto(`${other.url}/messages/54`);
    await page.getByRole('tab', { name: 'Bundle' }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.getByRole('tab', { name: 'Fields' }).count()).toBe(0);
    await other.close();
  });

  test('replay and park ask first, then act, and the page shows the new state', async () => {
    await open('/messages/54');
    await page.getByText(/^Parked: the destination refused the bundle/).waitFor();
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(desk.replayed).toEqual([]);
    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Park' }).click();
    expect(desk.replayed).toEqual(['54']);
    await page.getByRole('dialog').getByRole('button', { name: 'Park' }).click();
    await page.getByText(/^Parked: An operator parked the message/).waitFor();
  });

  test('what cannot be done is said in the dialog', async () => {
    await open('/messages/55');
    await page.getByRole('button', { name: 'Park' }).click();
    desk.add(message({ id: '55', state: 'delivered' }));
    await page.getByRole('dialog').getByRole('button', { name: 'Park' }).click();
    await page.getByRole('alert').getByText('Only a waiting message can be parked').waitFor();
    // The browser notes the 409 on its console; that one is meant.
    complaints = complaints.filter((line) => !line.includes('409'));
  });

  test('it is used by keyboard alone: into a message, along its values, through the dialog and back', async () => {
    await open('/messages/54');
    await page.getByTitle('MSH-1', { exact: true }).focus();
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
    await page.locator('code', { hasText: /^MSH-4$/ }).waitFor();
    const button = page.getByRole('button', { name: 'Replay' });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.locator(':focus', { hasText: /^Cancel$/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.locator(':focus', { hasText: /^Replay$/ }).waitFor();
    await page.getByRole('tab', { name: 'Segments' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('Transaction of 2 resources').waitFor();
    await page.getByRole('link', { name: '← All messages' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('h1:focus').waitFor();
  });

  test('a desk without messages tells the next thing to type', async () => {
    desk = new MemoryDesk();
    await open('/');
    await page.getByText('All is well: 2 channels listen, and no message has come yet').waitFor();
    await page.getByText('npx weir send test/fixtures/adt-a01.hl7').waitFor();
  });

  test('an engine that does not answer is a verdict too, and its last figures stay', async () => {
    await open('/');
    await row('Channels', 'The lab feed').waitFor();
    await page.route('**/api/**', (route) => route.abort());
    await page.getByText('The figures cannot be read').waitFor();
    await page.getByText('see that it runs (npx weir status)').first().waitFor();
    expect(await row('Channels', 'The lab feed').count()).toBe(1);
    complaints = complaints.filter((line) => !line.includes('ERR_FAILED'));
  });

  test('a message that is not there is said in a sentence', async () => {
    await open('/messages/999');
    await page.getByRole('alert').getByText('There is no message with this id').waitFor();
    complaints = complaints.filter((line) => !line.includes('404'));
  });

  test.each(['light', 'dark'] as const)(
    'on a phone, %s: nothing is wider than the screen, and a table is still a table',
    async (colorScheme) => {
      await open('/', { viewport: { width: 400, height: 800 }, colorScheme });
      await row('Channels', 'The lab feed').waitFor();
      const pages = [
        '/',
        '/messages/55',
        '/messages/55#bundle',
        '/messages/55#fields',
        '/messages/55#attempts',
        '/messages/55#raw',
      ];
      for (const path of pages) {
        await page.goto('about:blank');
        await page.goto(served.url + path);
        await page.waitForLoadState('networkidle');
        expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'), path).toBe(0);
      }
      const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(background).toBe(colorScheme === 'light' ? 'rgb(245, 247, 248)' : 'rgb(18, 23, 26)');
    },
  );

  test('a page of another origin in the same browser can neither act nor read', async () => {
    const foreign = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<title>Foreign</title>'),
    );
    foreign.listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    page = await (await browser.newContext()).newPage();
    await page.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`);
    const read = await page.evaluate(async (url) => {
      await fetch(`${url}/api/messages/54/replay`, { method: 'POST', mode: 'no-cors' }).catch(() => null);
      return fetch(`${url}/api/messages/54`).then(
        () => 'read',
        () => 'blocked',
      );
    }, served.url);
    foreign.close();
    expect(read).toBe('blocked');
    expect(log.filter((line) => line.method === 'POST')).toMatchObject([
      { route: '/api/messages/:id/replay', status: 403, error: 'api-foreign-page' },
    ]);
    expect(desk.replayed).toEqual([]);
  });
});

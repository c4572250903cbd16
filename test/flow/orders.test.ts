/** Orders from the socket to the built-in FHIR store: what is said of one by its number alone erases nothing (docs/adr/0013). */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceRequest, Task } from 'fhir/r4';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSender, type Sender } from '../support/sender.ts';
import { repositoryRoot, type TempFolder, tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';

let data: TempFolder;
let weir: Weir;
let sender: Sender;

beforeAll(async () => {
  data = await tempFolder('orders');
  const ports = ['ADT_PORT', 'LAB_PORT', 'ORDERS_PORT'];
  weir = await prepareWeir({ channels: join(repositoryRoot, 'channels'), ports, dataDir: data.path });
  await weir.start();
  sender = openSender(() => ({ host: '127.0.0.1', port: weir.ports.ORDERS_PORT ?? 0 }));
}, 60_000);
afterAll(async () => {
  sender?.close();
  await weir?.stop();
  await data?.remove();
});

async function order(controlId: string, ...segments: string[]): Promise<void> {
  const head = [`MSH|^~\\&|CPOE|EAST|LIS|LAB|20260302||OML^O21^OML_O21|${controlId}|P|2.5.1`, 'PID|1||71^^^EAST^MR||Sand^George'];
  expect((await sender.send([...head, ...segments, ''].join('\r'))).code).toBe('AA');
}

test('a cancellation by number leaves what was ordered, and says why', async () => {
  await order('O1', 'ORC|NW|P1^CPOE', 'OBR|1|P1^CPOE||24326-1^Electrolytes^LN|||||||||Fasting');
  await order('O2', 'ORC|CA|P1^CPOE||||||||||||||DUP^Ordered twice^L');
  let tasks: Task[] = [];
  for (const deadline = Date.now() + 30_000; tasks.length === 0 && Date.now() < deadline; await sleep(50))
    tasks = await weir.search<Task>('Task?identifier=urn:id:CPOE|P1');
  expect(tasks).toMatchObject([
    { status: 'cancelled', focus: { identifier: { value: 'P1' } }, statusReason: { coding: [{ code: 'DUP' }] } },
  ]);
  const orders = await weir.search<ServiceRequest>('ServiceRequest?identifier=urn:id:CPOE|P1');
  expect(orders).toHaveLength(1);
  expect(orders[0]).toMatchObject({ status: 'active', code: { coding: [{ code: '24326-1' }] } });
});

/** Calls of the engine's API, and the queries that keep the page live. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Channels, Explained, Message, MessageState, Messages, Trouble, Troubles } from './types.ts';

/** What the API answered in place of what was asked: a sentence for a person, and its code. */
export class ApiError extends Error {
  readonly code: string;
  constructor(code: string, text: string) {
    super(text);
    this.name = 'ApiError';
    this.code = code;
  }
}

const away = 'The engine does not answer; see that it runs (npx weir status) and that this page still reaches it';

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(path, init).catch(() => null);
  if (answer === null) throw new ApiError('page-away', away);
  const body: unknown = await answer.json().catch(() => null);
  if (answer.ok) return body as T;
  const { code, text } = (body ?? {}) as { code?: string; text?: string };
  throw new ApiError(code ?? 'page-away', text ?? away);
}

const poll = 2000;

export const channelsQuery = queryOptions({
  queryKey: ['channels'],
  queryFn: () => call<Channels>('/api/channels'),
  refetchInterval: poll,
});

export interface Choice {
  readonly channel: string | null;
  readonly state: MessageState | null;
  readonly before: string | null;
}

export const messagesQuery = (choice: Choice) =>
  queryOptions({
    queryKey: ['messages', choice],
    queryFn: () => {
      const query = new URLSearchParams({ limit: '25' });
      for (const [name, value] of Object.entries(choice)) if (value !== null) query.set(name, value);
      return call<Messages>(`/api/messages?${query}`);
    },
    refetchInterval: poll,
    placeholderData: keepPreviousData,
  });

/**
 * One message. At rest it is asked for less often than on its way, and a large one not again until something is done with it. `segments`
 * is how many of them to take apart; null: the first few hundred.
 */
export const messageQuery = (id: string, segments: number | null = null) =>
  queryOptions({
    queryKey: ['message', id, segments],
    queryFn: () => call<Message>(`/api/messages/${encodeURIComponent(id)}${segments === null ? '' : `?segments=${segments}`}`),
    refetchInterval: ({ state }) => {
      if (segments !== null || (state.data?.size ?? 0) > 1_000_000) return false;
      return state.data?.state === 'waiting' ? poll : 5 * poll;
    },
  });

export const fieldsQuery = (id: string) =>
  queryOptions({
    queryKey: ['fields', id],
    queryFn: () => call<Explained>(`/api/messages/${encodeURIComponent(id)}/fields`),
    staleTime: 60_000,
  });

export const troublesQuery = (choice: { readonly channel: string | null; readonly before: string | null }) =>
  queryOptions({
    queryKey: ['troubles', choice],
    queryFn: () => {
      const query = new URLSearchParams({ limit: '25' });
      for (const [name, value] of Object.entries(choice)) if (value !== null) query.set(name, value);
      return call<Troubles>(`/api/troubles?${query}`);
    },
    refetchInterval: poll,
    placeholderData: keepPreviousData,
  });

/** It never changes. */
export const troubleQuery = (id: string) =>
  queryOptions({
    queryKey: ['trouble', id],
    queryFn: () => call<Trouble>(`/api/troubles/${encodeURIComponent(id)}`),
    staleTime: Number.POSITIVE_INFINITY,
  });

const post = <T>(path: string, body?: object): Promise<T> =>
  call<T>(
    path,
    body === undefined
      ? { method: 'POST' }
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  );

export const replay = (id: string) => post<unknown>(`/api/messages/${id}/replay`);
export const park = (id: string) => post<unknown>(`/api/messages/${id}/park`);
export const replayParked = (channel: string) => post<{ replayed: number; left: number }>('/api/parked/replay', { channel });

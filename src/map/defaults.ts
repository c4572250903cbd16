import type { MapSettings } from './types.ts';

/** What a channel that says nothing gets. */
export const defaultSettings: MapSettings = {
  bundle: 'transaction',
  timezone: 'UTC',
  authorities: {},
  unknownAuthority: 'urn:id:{namespace}',
  codeSystems: {},
  unmappedCode: 'text',
  onIssue: 'send',
  provenance: 'none',
  messageHeader: false,
  serviceRequest: true,
  relatedPerson: true,
  locationChain: true,
  identity: 'conditional',
  identityOf: {},
  authority: 'system',
  unknownCodeSystem: null,
  rawValues: 'none',
  ssn: 'keep',
  raceEthnicity: 'none',
  contained: [],
  deletes: 'mark',
  vip: 'visit',
  messageCopy: 'none',
};

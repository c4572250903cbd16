/** Settings that turn rows and steps on and off, by the names that mapping files know them by. */
import type { SettingName } from './mapping.ts';
import type { MapSettings } from './types.ts';

/** Whether what names the setting is done. */
export function isOn(settings: MapSettings, setting: SettingName): boolean {
  switch (setting) {
    case 'messageHeader':
      return settings.messageHeader || settings.bundle === 'message';
    case 'provenance':
      return settings.provenance !== 'none';
    case 'serviceRequest':
      return settings.serviceRequest;
    case 'relatedPerson':
      return settings.relatedPerson;
    case 'authorityOrganization':
      return settings.authority === 'system-and-organization';
    case 'usCore':
      return settings.raceEthnicity === 'us-core';
    case 'personVip':
      return settings.vip === 'person';
    case 'messageCopy':
      return settings.messageCopy !== 'none';
  }
}

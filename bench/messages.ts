/** The messages of the bench: composed by number, of invented people. */

/** Carried by each message in its visit and order numbers, so that a bundle tells which message it came from. */
export const marker = 'NR';

/** One message in ten is of a patient who was seen before: lanes are mostly new, as in real feeds. */
function patientOf(number: number): string {
  return pad(number % 10 === 9 ? number - 9 : number);
}

/**
 * A message that is composed once and numbered in place: who sends shares the machine with what is measured. The bytes are those of the number that was given last. What else `compose` makes of a
 * number, a name or an hour, stays as it is.
 */
export function numbered(compose: (number: number) => string): (number: number) => Buffer {
  const sample = 987_654_321;
  const text = compose(sample);
  const bytes = Buffer.from(text, 'latin1');
  const places = Array.from(text.matchAll(new RegExp(pad(sample), 'g')), ({ index }) => index);
  return (number) => {
    const digits = pad(number);
    for (let digit = 0; digit < digits.length; digit++) {
      const code = digits.charCodeAt(digit);
      for (const place of places) bytes[place + digit] = code;
    }
    return bytes;
  };
}

/** The bytes of MLLP around a message, as text. */
export function framed(message: string): string {
  return `\x0b${message}\x1c\r`;
}

/** ADT^A01: an admission with next of kin, allergy and diagnosis, some 1.5 KB. */
export function adt(number: number): string {
  const [visit, time] = [`${marker}${pad(number)}`, timeOf(number)];
  return [
    `MSH|^~\\&|WARDBOOK|LAKESIDE|WEIR|LAKESIDE|${time}||ADT^A01^ADT_A01|A${pad(number)}|P|2.5.1|||||NLD|UNICODE UTF-8`,
    `EVN|A01|${time}|||OP44^Tamboer^Wies`,
    `PID|1||${patientOf(number)}^^^LAKESIDE^MR~88-${pad(number)}^^^REGIO^PI||Vonkel${number % 997}^Mirthe^Jolien^^Mw.^^L||19${40 + (number % 60)}0417|F||2106-3^White^HL70005|Molenkade 12 \\T\\ 14^2-hoog^Waterveen^NH^1482 KD^NLD^H||^PRN^PH^^31^299^5550${100 + (number % 900)}~^NET^Internet^m.vonkel@voorbeeld.example|^WPN^PH^^31^20^5550112|nld^Dutch^ISO639-2|M^Married^HL70002||ACC${pad(number)}^^^LAKESIDE^AN||||||Edam|N|||||N`,
    'PD1|||Praktijk De Sluis^^PS01^^^LAKESIDE^XX|7710^Ackerdijk^Feike^^^Dr.^^^LAKESIDE^L^^^DN',
    'NK1|1|Vonkel^Reinout^P|SPO^Spouse^HL70063|Molenkade 12^2-hoog^Waterveen^NH^1482 KD^NLD^H|^PRN^CP^^31^6^55501777||C^Emergency Contact^HL70131',
    `PV1|1|I|2OOST^214^A^LAKESIDE^^N^HOOFD^2|E|||5521^Bontekoe^Sybrand^T^^Dr.^^^LAKESIDE^L^^^DN|6032^Zeegers^Lotte^^^Dr.^^^LAKESIDE^L^^^DN||CAR||||7|A0||5521^Bontekoe^Sybrand^T^^Dr.^^^LAKESIDE^L^^^DN|IP|${visit}^^^LAKESIDE^VN|||||||||||||||||||||||||${time}`,
    'PV2||PR^Private^HL70144|R07.9^Chest pain, unspecified^I10|||||20260302|20260306|4||Observation after chest pain',
    'AL1|1|DA^Drug allergy^HL70127|7980^Penicillin G^RXNORM|MO^Moderate^HL70128|Rash|19990511',
    `DG1|1||I20.0^Unstable angina^I10||${time}|A`,
    '',
  ].join('\r');
}

const tests: readonly (readonly [code: string, name: string, unit: string, range: string])[] = [
  ['718-7', 'Hemoglobin', 'g/dL', '12.0-15.5'],
  ['4544-3', 'Hematocrit', '%', '36-46'],
  ['6690-2', 'Leukocytes', '10*3/uL', '4.0-11.0'],
  ['777-3', 'Platelets', '10*3/uL', '150-400'],
  ['2345-7', 'Glucose', 'mg/dL', '70-99'],
  ['2160-0', 'Creatinine', 'mg/dL', '0.5-1.1'],
  ['2951-2', 'Sodium', 'mmol/L', '136-145'],
  ['2823-3', 'Potassium', 'mmol/L', '3.5-5.1'],
];

/** ORU^R01: one order with eight numeric results, some 1.7 KB. */
export function oru(number: number): string {
  const [order, time] = [`${marker}${pad(number)}`, timeOf(number)];
  return [
    `MSH|^~\\&|KLINLAB|LAKESIDE|WEIR|LAKESIDE|${time}||ORU^R01^ORU_R01|R${pad(number)}|P|2.5.1|||||NLD|UNICODE UTF-8`,
    `PID|1||${patientOf(number)}^^^LAKESIDE^MR||Vonkel${number % 997}^Mirthe^Jolien||19${40 + (number % 60)}0417|F`,
    `PV1|1|I|2OOST^214^A^LAKESIDE||||5521^Bontekoe^Sybrand^T^^Dr.^^^LAKESIDE^L^^^DN||||||||||||${order}^^^LAKESIDE^VN`,
    `ORC|RE|${order}^WARDBOOK|${order}^KLINLAB||CM||||${time}|||5521^Bontekoe^Sybrand^T^^Dr.^^^LAKESIDE^L^^^DN`,
    `OBR|1|${order}^WARDBOOK|${order}^KLINLAB|58410-2^Complete blood count panel^LN|||${time}|||||||||5521^Bontekoe^Sybrand^T^^Dr.^^^LAKESIDE^L^^^DN||||||${time}||HM|F`,
    ...tests.map(
      ([code, name, unit, range], index) =>
        `OBX|${index + 1}|NM|${code}^${name}^LN||${(index + 1) * 3}.${number % 10}|${unit}^${unit}^UCUM|${range}|N|||F|||${time}||LT07^Oosterling^Jip`,
    ),
    '',
  ].join('\r');
}

/** Admissions and results in turn. */
export function mixed(number: number): string {
  return number % 2 === 0 ? adt(number) : oru(number);
}

function timeOf(number: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `20260302${two(8 + (Math.floor(number / 3_600) % 12))}${two(Math.floor(number / 60) % 60)}${two(number % 60)}+0100`;
}

function pad(number: number): string {
  return String(number).padStart(9, '0');
}

/** What HL7 2.9 has and 2.8 lacks, as far as the V2-to-FHIR guide and senders use it. `place, datatype, repetitions (0: any number), name`. */
export const added: readonly (readonly [place: string, type: string, repetitions: number, name: string])[] = [
  ['MSH-26', 'CWE', 1, 'Security Classification Tag'],
  ['MSH-27', 'CWE', 0, 'Security Handling Instructions'],
  ['MSH-28', 'ST', 0, 'Special Access Restriction Instructions'],
  ['NTE-9', 'CWE', 0, 'Coded Comment'],
  ['IN1-55', 'ID', 1, 'Insurance Action Code'],
  ['IN3-26', 'CWE', 1, 'Certification Type'],
  ['IN3-27', 'CWE', 1, 'Certification Category'],
  ['OBX-27', 'CWE', 1, 'Root Cause'],
  ['OBX-28', 'CWE', 0, 'Local Process Control'],
  ['OBX-29', 'ID', 1, 'Observation Type'],
  ['OBX-30', 'ID', 1, 'Observation Sub-Type'],
  ['OBX-31', 'ID', 1, 'Action Code'],
  ['OBX-32', 'CWE', 0, 'Observation Value Absent Reason'],
  ['OBX-33', 'EIP', 0, 'Observation Related Specimen Identifier'],
  ['ORC-34', 'CWE', 0, 'Order Workflow Profile'],
  ['ORC-35', 'ID', 1, 'Action Code'],
  ['ORC-36', 'DR', 1, 'Order Status Date Range'],
  ['ORC-37', 'DTM', 1, 'Order Creation Date/Time'],
  ['ORC-38', 'EI', 1, 'Filler Order Group Number'],
  ['PRT-16', 'EI', 1, 'UDI Device Identifier'],
  ['PRT-17', 'DTM', 1, 'Device Manufacture Date'],
  ['PRT-18', 'DTM', 1, 'Device Expiry Date'],
  ['PRT-19', 'ST', 1, 'Device Lot Number'],
  ['PRT-20', 'ST', 1, 'Device Serial Number'],
  ['PRT-21', 'EI', 1, 'Device Donation Identification'],
  ['PRT-22', 'CNE', 1, 'Device Type'],
  ['PRT-23', 'CWE', 1, 'Preferred Method of Contact'],
  ['PRT-24', 'PLN', 0, 'Contact Identifiers'],
  ['RXA-29', 'EI', 0, 'Administered Tag Identifier'],
  ['TXA-27', 'HD', 1, 'Creating Facility'],
  ['TXA-28', 'CWE', 1, 'Creating Specialty'],
  ['OH1-1', 'SI', 1, 'Set ID'],
  ['OH1-2', 'ID', 1, 'Action Code'],
  ['OH1-3', 'CWE', 1, 'Employment Status'],
  ['OH1-4', 'DT', 1, 'Employment Status Start Date'],
  ['OH1-5', 'DT', 1, 'Employment Status End Date'],
  ['OH1-6', 'DT', 1, 'Entered Date'],
  ['OH1-7', 'EI', 1, 'Employment Status Unique Identifier'],
  ['OH2-1', 'SI', 1, 'Set ID'],
  ['OH2-2', 'ID', 1, 'Action Code'],
  ['OH2-3', 'DT', 1, 'Entered Date'],
  ['OH2-4', 'CWE', 1, 'Occupation'],
  ['OH2-5', 'CWE', 1, 'Industry'],
  ['OH2-6', 'CWE', 1, 'Work Classification'],
  ['OH2-7', 'DT', 1, 'Job Start Date'],
  ['OH2-8', 'DT', 1, 'Job End Date'],
  ['OH2-9', 'CWE', 1, 'Work Schedule'],
  ['OH2-10', 'NM', 1, 'Average Hours Worked per Day'],
  ['OH2-11', 'NM', 1, 'Average Days Worked per Week'],
  ['OH2-12', 'XON', 1, 'Employer Organization'],
  ['OH2-13', 'XAD', 0, 'Employer Address'],
  ['OH2-14', 'CWE', 1, 'Supervisory Level'],
  ['OH2-15', 'ST', 0, 'Job Duties'],
  ['OH2-16', 'FT', 0, 'Occupational Hazards'],
  ['OH2-17', 'EI', 1, 'Job Unique Identifier'],
  ['OH2-18', 'CWE', 1, 'Current Job Indicator'],
  ['OH3-1', 'SI', 1, 'Set ID'],
  ['OH3-2', 'ID', 1, 'Action Code'],
  ['OH3-3', 'CWE', 1, 'Usual Occupation'],
  ['OH3-4', 'CWE', 1, 'Usual Industry'],
  ['OH3-5', 'NM', 1, 'Usual Occupation Duration (years)'],
  ['OH3-6', 'DT', 1, 'Start Year'],
  ['OH3-7', 'DT', 1, 'Entered Date'],
  ['OH3-8', 'EI', 1, 'Work Unique Identifier'],
  ['OH4-1', 'SI', 1, 'Set ID'],
  ['OH4-2', 'ID', 1, 'Action Code'],
  ['OH4-3', 'DT', 1, 'Combat Zone Start Date'],
  ['OH4-4', 'DT', 1, 'Combat Zone End Date'],
  ['OH4-5', 'DT', 1, 'Entered Date'],
  ['OH4-6', 'EI', 1, 'Combat Zone Unique Identifier'],
  ['SGH-1', 'SI', 1, 'Set ID'],
  ['SGH-2', 'ST', 1, 'Segment Group Name'],
  ['SGT-1', 'SI', 1, 'Set ID'],
  ['SGT-2', 'ST', 1, 'Segment Group Name'],
  ['OG.1', 'ST', 1, 'Original Sub-Identifier'],
  ['OG.2', 'NM', 1, 'Group'],
  ['OG.3', 'NM', 1, 'Sequence'],
  ['OG.4', 'ST', 1, 'Identifier'],
];

/** Datatype or repetition that 2.9 changed. */
export const corrected: readonly (readonly [place: string, type: string, repetitions: number])[] = [
  ['OBX-4', 'OG', 1],
  ['XTN.5', 'SNM', 1],
  ['XTN.6', 'SNM', 1],
  ['XTN.7', 'SNM', 1],
  ['XTN.8', 'SNM', 1],
];

/** Segments that 2.9 added. */
export const segmentNames29: Readonly<Record<string, string>> = {
  OH1: 'Person Employment Status',
  OH2: 'Past or Present Job',
  OH3: 'Usual Work',
  OH4: 'Combat Zone Work',
  SGH: 'Segment Group Header',
  SGT: 'Segment Group Trailer',
};

const order29 = 'PV1 PV2? ARV* ROL* PRT* DB1* OBSERVATION*(OBX PRT*)';
const person29 = 'MSH ARV* SFT* UAC? EVN PID PD1? OH1* OH2* OH3? OH4* ARV* ROL* PRT*';
const kin29 = 'NEXT_OF_KIN*(NK1 OH2* OH3?)';
const procedure29 = 'PROCEDURE*(PR1 ROL* PRT*)';
const insurance29 = 'INSURANCE*(IN1 IN2? IN3* ROL* PRT* AUTHORIZATION*(AUT PRT*) REFERRAL*(RF1 PRT*))';
const visit29 = 'PID PD1? PV1 PV2? DB1* OBSERVATION*(OBX PRT*)';

/** Structures that 2.9 added segments or groups to, as the V2-to-FHIR guide has them; the others are as in 2.8. */
export const structures29: Readonly<Record<string, string>> = {
  ADT_A01: `${person29} ${kin29} ${order29} AL1* IAM* DG1* DRG? ${procedure29} GT1* ${insurance29} ACC? UB1? UB2? PDA?`,
  ADT_A02: `${person29} ${order29} PDA?`,
  ADT_A05: `${person29} ${kin29} ${order29} AL1* IAM* DG1* DRG? ${procedure29} GT1* ${insurance29} ACC? UB1? UB2?`,
  ADT_A06: `${person29} MRG? ${kin29} ${order29} AL1* IAM* DG1* DRG? ${procedure29} GT1* INSURANCE*(IN1 IN2? IN3* ROL* PRT*) ACC? UB1? UB2?`,
  ADT_A09: `MSH ARV* SFT* UAC? EVN PID PD1? PV1 PV2? DB1* OBSERVATION*(OBX PRT*) DG1*`,
  ADT_A17: `MSH ARV* SFT* UAC? EVN ${visit29} ${visit29}`,
  MDM_T02: 'MSH SFT* UAC? EVN PID PV1 COMMON_ORDER*(ORC TIMING*(TQ1 TQ2*) OBR NTE*) TXA CON* OBSERVATION+(OBX NTE*)',
  OML_O21:
    'MSH SFT* UAC? NTE* PATIENT?(PID PD1? PRT* NTE* NK1* ARV* PATIENT_VISIT?(PV1 PV2? PRT*) INSURANCE*(IN1 IN2? IN3?) GT1? AL1*) ' +
    'ORDER+(ORC PRT* TIMING*(TQ1 TQ2*) OBSERVATION_REQUEST?(OBR TCD? NTE* PRT* CTD? DG1* OBSERVATION*(OBX PRT* TCD? NTE*) ' +
    'SPECIMEN*(SPM SPECIMEN_OBSERVATION*(OBX PRT*) CONTAINER*(SAC CONTAINER_OBSERVATION*(OBX PRT*))) SGH? ' +
    'PRIOR_RESULT*(PATIENT_PRIOR?(PID PD1? PRT* ARV*) RESULT_VISIT_PRIOR?(PV1 PV2? PRT*) AL1* ' +
    'ORDER_PRIOR+(ORC PRT* OBR NTE* PRT* TIMING_PRIOR*(TQ1 TQ2*) OBSERVATION_PRIOR+(OBX PRT* NTE*))) SGT?) FT1* CTI* BLG?)',
  ORU_R01:
    'MSH SFT* UAC? PATIENT_RESULT+(PATIENT?(PID PD1? PRT* NTE* NK1* ARV* PATIENT_OBSERVATION*(OBX PRT*) VISIT?(PV1 PV2? PRT*)) ' +
    'ORDER_OBSERVATION+(COMMON_ORDER?(ORC PRT* ORDER_DOCUMENT?(OBX PRT* TXA)) OBR NTE* PRT* TIMING_QTY*(TQ1 TQ2*) CTD? ' +
    'OBSERVATION*(OBX PRT* NTE*) FT1* CTI* SPECIMEN*(SPM SPECIMEN_OBSERVATION*(OBX PRT*)))) DSC?',
};

/** Choices whose members hl7v2-dictionary lost from 2.7 on, by what is left of them. */
export const choices: Readonly<Record<string, string>> = {
  ',': 'ROL|PRD',
  ',,,': 'AIS|AIG|AIL|AIP',
  ',,,,,,,,,,,': 'OBR|ODS|PR1|RF1|AL1|IAM|ACC|RMI|DB1|DG1|DRG|PDA',
};

/** The words of docs/conformance-checking.md, around the tables that the declarations give. */
export function conformanceCheckingPage(example: string, keys: string): string {
  return `# Checking messages

Made by \`node scripts/docs.ts\` from \`src/channel\` and \`docs/examples\`; change it there.

Weir maps what senders send, not what they should send. Whether a message is what the standard says, and what a site agreed with its sender,
is a question of its own: \`weir check --message\` answers it for a file, the key \`conform\` of a channel for every message.

## A file

\`\`\`
weir check --message FILE [--profile FILE] [--charset NAME] [--json]
\`\`\`

The file may hold one message, many, a batch or MLLP frames; \`-\` is standard input. A line a finding:

\`\`\`
results.hl7#1 OBX[2]-5 error 102 The value is no NM (a number is an optional sign, digits and at most one decimal point); correct it.
\`\`\`

the message in the file, the place (ERR-2), how grave it is (ERR-4), the condition (ERR-3, table 0357), a sentence. Exit 0: no message has an
error; 1: one has; 2: the command or the profile is wrong. \`--json\` prints
\`{"messages": [{"source", "type", "controlId", "findings": [{"location", "code", "severity", "text"}]}]}\`. No finding holds a value of the message.

## A channel

\`\`\`yaml
conform:
  standard: true                         # the default
  profile: ./profiles/mercy-lab.yaml     # relative to the channel file; may be left out
  then: report                           # or park, or reject
\`\`\`

| \`then\` | a message with a finding of severity error |
|---|---|
| \`report\` | goes on. Its findings are kept with it, shown on its page and in \`/api/messages/ID\`, and counted (\`weir_nonconforming_total\`) |
| \`park\` | is parked before it is mapped, with its findings; replay it when the profile or the sender is corrected |
| \`reject\` | is answered AE (CE in enhanced mode) with an ERR segment for each of its first ten errors, or AR (CR) where one is about MSH-9, MSH-11 or MSH-12; it is kept as refused, with its findings |

Warnings and information are kept and shown, and never park or reject. \`report\` and \`park\` check where messages are mapped, so that the sender does not
wait for it; \`reject\` checks before the ACK. \`weir check\` reads the profile as it reads the channel.

## What is checked

Against the standard, in the version that MSH-12 names (one that is none is read as 2.9):

| what | condition | how grave |
|---|---|---|
| a segment that the message's structure requires is missing; one stands out of its place, or where its group was not begun | 100 | error |
| a segment that the structure does not have | 100 | warning; error where HL7 has no such segment |
| a segment or group stands more often than the structure has it; a field repeats more often | 198 | error |
| MSH-9.3 names another structure than the type and event have (table 0354) | 200 | warning |
| the type, event, processing id or version is none | 200, 201, 202, 203 | error |
| a required field or component is missing; OBX-2 where OBX-5 is valued | 101 | error |
| a value is not of its datatype: NM, SI, DT, TM, DTM, TS; nested components too; OBX-5 by OBX-2 | 102 | error |
| a value of a simple datatype is divided | 102 | warning |
| a code of a table that HL7 defines (ID, CNE) is not in it | 103 | error |
| a code of a user-defined table, or of a coded value that may hold others (CE, CWE, IS), is not among those suggested | 103 | information |
| a field is longer than the standard has it (up to 2.6: from 2.7 on a length is what a receiver must at least take) | 104 | warning |
| a field or component that the version does not have | 199 | information |

Z segments are the site's: only a profile says anything of them. Conditional fields (usage C) are not required by the check, as the standard states
their conditions in prose. An event without a structure of its own is checked by its fields alone.

Structures, fields and datatypes are those of \`hl7v2-dictionary\` (2.1 to 2.8; 2.9 by what it added), tables and the events of structures those of HL7's
terminology package (\`hl7.terminology.r4\`, CC0).

## Profiles

A profile says what was agreed with a sender beyond the standard: by path, which must be there, how often, how long, with which codes.
\`schemas/profile.schema.json\` knows its keys in an editor.

\`\`\`yaml
${example}
\`\`\`

A path without \`[n]\` stands for every such segment and every repetition. A rule of a component is about what is there: where a field is empty, its
components are not missing. Of a value with components the first is its code, as in conditions
([mapping-language.md](mapping-language.md), "Conditions").

${keys}`;
}

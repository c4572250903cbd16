/** Sentences on what came to a listener and was no message: what it was, and what to do. Pure. */

interface Words {
  readonly title: string;
  /** Why, and what mends it. */
  readonly help: string;
}

const kinds: Readonly<Record<string, Words>> = {
  junk: {
    title: 'Bytes outside a frame',
    help: 'MLLP begins a message with 0x0B. See that the sender is set to MLLP, and what else may connect to this port.',
  },
  'no-end': {
    title: 'Message without its end',
    help: 'A new message began before 0x1C 0x0D ended this one. It was not accepted; the sender has to send it again.',
  },
  'too-large': {
    title: 'Message too large',
    help: 'It is larger than max-frame of the channel. Raise that, or have the sender send less at once.',
  },
  'no-room': {
    title: 'No room for more of a message',
    help: 'All connections together held as much as max-unfinished of the channel. See which sender begins messages and does not end them; it has to send this one again.',
  },
  'cut-off': {
    title: 'Connection broke within a message',
    help: 'Nothing of it was accepted. See the network between, and that the sender sends it again.',
  },
  slow: {
    title: 'Message that did not end in time',
    help: 'It took longer than frame-timeout of the channel. See the network between, or the sender.',
  },
  handshake: { title: 'No encrypted connection', help: 'The sender and this port did not agree on TLS.' },
  address: { title: 'Address that is not allowed', help: 'Add it to listen.allow of the channel if it should be.' },
  connections: {
    title: 'Too many connections',
    help: 'See that the sender closes what it opens, or raise max-connections of the channel.',
  },
  'not-hl7': { title: 'Frame that is no HL7 message', help: 'It was answered AR and kept with the refused messages.' },
};

const reasons: Readonly<Record<string, Words>> = {
  'plain-text': {
    title: 'Plain text to a port that speaks TLS',
    help: 'Switch on TLS at the sender. What it sent was not accepted.',
  },
  'tls-to-plain': {
    title: 'TLS to a port that does not speak it',
    help: 'Add tls to the channel, or switch it off at the sender.',
  },
  'no-certificate': {
    title: 'Sender without a certificate',
    help: 'The channel requires one (clients: required). Give the sender one of an authority in ca.',
  },
  certificate: {
    title: "Sender's certificate does not hold",
    help: 'It has expired, or another authority than those in ca has issued it. Renew it, or add its authority.',
  },
  version: {
    title: 'TLS version that is too old',
    help: 'The sender does not speak the least version that the channel takes (min). Update it.',
  },
  'key-exchange': {
    title: 'Key exchange that is not hybrid',
    help: 'The channel requires X25519MLKEM768 (post-quantum: required) and the sender does not know it.',
  },
  cipher: { title: 'No cipher in common', help: 'The sender offers old ciphers only. Update it.' },
  'refused-by-sender': {
    title: 'Sender ended the handshake',
    help: 'Often it does not trust our certificate: give it the authority that has issued it.',
  },
  slow: { title: 'Handshake that did not end in time', help: 'See what connects from there; it is no sender that works.' },
  closed: {
    title: 'Connection closed within the handshake',
    help: 'Port scanners and health checks do this; a sender that does not trust our certificate may, too.',
  },
};

const unknown: Words = { title: 'Something else', help: 'See what connects from there.' };

/** What it was, and what to do. */
export function troubleWords({ kind, reason }: { readonly kind: string; readonly reason: string | null }): Words {
  return (reason === null ? undefined : reasons[reason]) ?? kinds[kind] ?? unknown;
}

export interface HexLine {
  /** Place of its first byte, hexadecimal. */
  readonly offset: string;
  readonly hex: string;
  /** Printable ASCII as it is, all else as a dot. */
  readonly text: string;
}

/** Bytes, sixteen a line, as `hexdump -C` shows them. */
export function hexLines(bytes: Uint8Array): HexLine[] {
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, index) => {
    const line = [...bytes.subarray(index * 16, index * 16 + 16)];
    return {
      offset: (index * 16).toString(16).padStart(8, '0'),
      hex: line.map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
      text: line.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '·')).join(''),
    };
  });
}

/** Base64 as the API gives it. */
export function decodeBytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

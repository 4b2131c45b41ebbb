/** A file that is not what its reader is there for; the message says what to do. */
export class FormatFault extends Error {}

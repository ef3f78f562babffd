// Digest access authentication as RFC 7616 describes it, with the older RFC 2069 form that cheap cameras still speak.

import { createHash, randomBytes } from 'node:crypto';
import type { Challenge } from './challenge.js';

export interface Credentials {
  user: string;
  password: string;
}

/** One nonce of a server, answered as often as the server lets it stand. */
export interface Digest {
  /** The `Authorization` header of the next request; `uri` is path and query as they are sent. */
  answer(method: string, uri: string): string;
  /** How often it has been answered. */
  readonly answers: number;
}

/** Strongest first; names as challenges spell them, in lower case. */
const ALGORITHMS: readonly { name: string; hash: string }[] = [
  { name: 'sha-512-256', hash: 'sha512-256' },
  { name: 'sha-256', hash: 'sha256' },
  { name: 'md5', hash: 'md5' },
];

/** The strongest digest challenge that can be answered, or undefined. */
export function strongestDigest(challenges: readonly Challenge[]): Challenge | undefined {
  const answerable = challenges.filter(
    ({ scheme, parameters }) => scheme === 'digest' && isKnown(parameters),
  );
  return answerable.sort((a, b) => rankOf(a.parameters) - rankOf(b.parameters))[0];
}

function isKnown(parameters: Challenge['parameters']): boolean {
  const qop = parameters.get('qop');
  return (
    rankOf(parameters) >= 0 && parameters.has('nonce') && (qop === undefined || offersAuth(qop) || qop === '')
  );
}

/** `auth-int` alone would need the body's hash: no camera asks for it. */
function offersAuth(qop: string): boolean {
  return qop.split(',').some((choice) => choice.trim().toLowerCase() === 'auth');
}

function rankOf(parameters: Challenge['parameters']): number {
  const wanted = algorithmOf(parameters).replace(/-sess$/, '');
  return ALGORITHMS.findIndex(({ name }) => name === wanted);
}

function algorithmOf(parameters: Challenge['parameters']): string {
  return (parameters.get('algorithm') ?? 'md5').toLowerCase();
}

/** Answers a challenge that `strongestDigest` gave; `cnonce` is fixed by tests only. */
export function openDigest(
  { parameters }: Challenge,
  credentials: Credentials,
  cnonce = randomBytes(16).toString('base64url'),
): Digest {
  const { hash } = ALGORITHMS[rankOf(parameters)];
  const hex = (text: string): string => createHash(hash).update(text, 'latin1').digest('hex');
  const secret = secretHash(parameters, credentials, { hex, cnonce });
  const withQop = offersAuth(parameters.get('qop') ?? '');
  let answers = 0;
  return {
    answer(method, uri) {
      answers++;
      const nc = answers.toString(16).padStart(8, '0');
      const between = withQop ? [parameters.get('nonce'), nc, cnonce, 'auth'] : [parameters.get('nonce')];
      const response = hex([secret, ...between, hex(`${method}:${uri}`)].join(':'));
      return header(parameters, {
        username: userField(parameters, credentials, hex),
        uri,
        response,
        counted: withQop ? { nc, cnonce } : undefined,
      });
    },
    get answers() {
      return answers;
    },
  };
}

/** UTF-8 with one character for each byte: so node:http takes header values, and so it shows realms. */
function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

type Hex = (text: string) => string;

/** H(A1) of RFC 7616, section 3.4.2. */
function secretHash(
  parameters: Challenge['parameters'],
  { user, password }: Credentials,
  { hex, cnonce }: { hex: Hex; cnonce: string },
): string {
  const secret = hex(`${bytesOf(user)}:${parameters.get('realm') ?? ''}:${bytesOf(password)}`);
  const perSession = algorithmOf(parameters).endsWith('-sess');
  return perSession ? hex(`${secret}:${parameters.get('nonce')}:${cnonce}`) : secret;
}

function wantsUserHash(parameters: Challenge['parameters']): boolean {
  return parameters.get('userhash')?.toLowerCase() === 'true';
}

/** A server that says `charset` knows RFC 7616 and its `username*`; older ones take the bare bytes, as browsers send them. */
function userField(parameters: Challenge['parameters'], { user }: Credentials, hex: Hex): string {
  const bytes = bytesOf(user);
  if (wantsUserHash(parameters)) return `username="${hex(`${bytes}:${parameters.get('realm') ?? ''}`)}"`;
  const isPlain = bytes === user;
  return isPlain || !parameters.has('charset') ? `username=${quoted(bytes)}` : `username*=${extended(user)}`;
}

/** A value in the notation of RFC 5987. */
function extended(text: string): string {
  const inHex = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return `UTF-8''${encodeURIComponent(text).replace(/['()*]/g, inHex)}`;
}

interface Answered {
  /** With its name. */
  username: string;
  uri: string;
  response: string;
  counted: { nc: string; cnonce: string } | undefined;
}

/** Which values are quoted is laid down in section 3.4, and some cameras insist on it. */
function header(parameters: Challenge['parameters'], { username, uri, response, counted }: Answered): string {
  const algorithm = parameters.get('algorithm');
  const opaque = parameters.get('opaque');
  const fields = [
    username,
    `realm=${quoted(parameters.get('realm') ?? '')}`,
    `nonce=${quoted(parameters.get('nonce') ?? '')}`,
    `uri=${quoted(uri)}`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    `response="${response}"`,
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ...(counted === undefined ? [] : ['qop=auth', `nc=${counted.nc}`, `cnonce="${counted.cnonce}"`]),
    ...(wantsUserHash(parameters) ? ['userhash=true'] : []),
  ];
  return `Digest ${fields.join(', ')}`;
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

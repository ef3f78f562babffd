// The flow of the end-to-end test: cameras -> stylize -> publish, and notes in files of what Catch, Status and Complete nodes hear.

import path from 'node:path';
import type { FakeCamera } from './fixtures/fake-camera.js';
import type { FlowNode } from './helper.js';
import { publishNode } from './publish-world.js';

export const LOGIN = { user: 'viewer', password: 'right: äö' };

export interface FlowParts {
  /** Node-RED's user folder. */
  folder: string;
  brokerPort: number;
  /** Small pictures. */
  camera: FakeCamera;
  /** Pictures that take about a second to draw. */
  large: FakeCamera;
  /** An address where nothing listens. */
  nowhere: string;
}

/** Each of `GET /test/shot`, `/test/large`, `/test/locked` and `/test/off` asks a camera for one snapshot. */
export function endToEndFlow({ folder, brokerPort, camera, large, nowhere }: FlowParts): FlowNode[] {
  const locked = { user: LOGIN.user, password: 'wrong' };
  return [
    { id: 'tab', type: 'tab', label: 'end to end' },
    { id: 'engine', type: 'nigaoe-engine', name: '', mode: 'own', url: '', home: '', idle: '' },
    brokerNode(brokerPort),
    ...shooter('shot', { url: camera.url(), credentials: LOGIN, to: 'draw' }),
    ...shooter('large', { url: large.url(), credentials: LOGIN, to: 'draw' }),
    ...shooter('locked', { url: camera.url(), credentials: locked, to: 'draw' }),
    ...shooter('off', { url: nowhere, credentials: LOGIN, to: 'draw' }),
    stylizeNode(),
    inTab(publishNode({ id: 'post' })),
    ...note(folder, 'caught', 'error', {
      type: 'catch',
      scope: ['shot', 'large', 'locked', 'off', 'draw', 'post'],
    }),
    ...note(folder, 'statuses', 'status', { type: 'status', scope: ['draw'] }),
    ...note(folder, 'completed', '_msgid', { type: 'complete', scope: ['draw'] }),
  ];
}

/** The file in which a note of that name is taken, a line for each message. */
export const noteFile = (folder: string, name: string): string => path.join(folder, `${name}.jsonl`);

const brokerNode = (port: number): FlowNode => ({
  id: 'broker',
  type: 'mqtt-broker',
  name: '',
  broker: '127.0.0.1',
  port: String(port),
  clientid: '',
  autoConnect: true,
  usetls: false,
  protocolVersion: '4',
  keepalive: '60',
  cleansession: true,
});

interface Shooter {
  url: string;
  credentials: { user: string; password: string };
  to: string;
}

/** Answers at once, and has a camera take a snapshot. */
function shooter(id: string, { url, credentials, to }: Shooter): FlowNode[] {
  const rules = ['req', 'res', 'payload'].map((p) => ({ t: 'delete', p, pt: 'msg' }));
  return [
    inTab({ id: `${id}-in`, type: 'http in', url: `/test/${id}`, method: 'get' }, `${id}-out`, `${id}-bare`),
    inTab({ id: `${id}-out`, type: 'http response', statusCode: '200' }),
    inTab({ id: `${id}-bare`, type: 'change', rules }, id),
    inTab({ id, type: 'nigaoe-camera', name: id, ...CAMERA, url, credentials }, to),
  ];
}

const CAMERA = {
  kind: 'http',
  urlType: 'str',
  entity: '',
  trigger: 'message',
  interval: 10,
  timeout: 5,
  retries: 0,
  most: 10,
  skipSame: false,
  skipStill: false,
  motion: 1,
  selfSigned: false,
  allowUrl: false,
  hosts: '',
  ffmpeg: '',
};

const stylizeNode = (): FlowNode =>
  inTab(
    {
      id: 'draw',
      type: 'nigaoe-stylize',
      name: '',
      engine: 'engine',
      property: 'payload',
      options: {
        style: { type: 'str', value: 'ink' },
        scope: { type: 'str', value: 'photo' },
        format: { type: 'str', value: 'jpeg' },
      },
      policy: 'newest',
      most: 10,
      pictures: 'first',
      preview: true,
    },
    'post',
  );

/** A listening node whose messages' property goes into a file. */
function note(folder: string, name: string, property: string, node: Omit<FlowNode, 'id'>): FlowNode[] {
  const rules = [{ t: 'set', p: 'payload', pt: 'msg', to: property, tot: 'msg' }];
  const file = { filename: noteFile(folder, name), filenameType: 'str', appendNewline: true };
  return [
    inTab({ ...node, id: name } as FlowNode, `${name}-what`),
    inTab({ id: `${name}-what`, type: 'change', rules }, `${name}-file`),
    inTab({ id: `${name}-file`, type: 'file', ...file, overwriteFile: 'false', encoding: 'none' }),
  ];
}

// Without a place in the editor they would be configuration nodes.
const inTab = (node: FlowNode, ...to: string[]): FlowNode => ({ ...node, z: 'tab', x: 0, y: 0, wires: [to] });

// The editor of a real Node-RED in a real browser, worked as a user does: with the mouse, the keyboard and the dialogs.

import type { Browser, Locator, Page } from 'playwright-core';

export interface EditorLook {
  /** Of the browser: the editor follows it. */
  locale?: string;
  /** Leaves out the forms of these nodes, for a look at the editor alone. */
  without?: RegExp;
}

/** A place in the workspace, in its pixels. */
export type Place = readonly [x: number, y: number];

export class Editor {
  /** What went wrong in the page since it was opened: exceptions, and errors and warnings in its console. */
  readonly faults: string[] = [];
  private constructor(readonly page: Page) {}

  /** Opens the editor of the Node-RED at this address, and waits until its palette is filled. */
  static async open(browser: Browser, url: string, look: EditorLook = {}): Promise<Editor> {
    const { locale = 'en-US', without } = look;
    const page = await browser.newPage({ locale, viewport: { width: 1280, height: 900 } });
    const editor = new Editor(page);
    page.on('pageerror', (error) => editor.faults.push(String(error)));
    page.on('console', (line) => {
      if (['error', 'warning'].includes(line.type())) editor.faults.push(`${line.type()}: ${line.text()}`);
    });
    if (without !== undefined) await editor.#leaveOut(without);
    await page.goto(url);
    const last = without === undefined ? 'nigaoe-publish' : 'comment';
    await page.waitForSelector(`.red-ui-palette-node[data-palette-type="${last}"]`, { state: 'attached' });
    await page.waitForFunction(
      "RED.workspaces?.active() && !document.querySelector('#red-ui-loading-progress')?.checkVisibility()",
    );
    return editor;
  }

  /** Drags a node from the palette into the workspace, and returns its id. */
  async drop(type: string, place: Place): Promise<string> {
    const before = await this.ids();
    const node = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await node.scrollIntoViewIfNeeded();
    await this.#drag(await middle(node), await this.#inWorkspace(place));
    const [id] = (await this.ids()).filter((one) => !before.includes(one));
    return id;
  }

  /** Draws a wire from an output to the input of another node. */
  async wire(from: string, to: string, output = 0): Promise<void> {
    const port = this.page.locator(`[id="${from}"] .red-ui-flow-port-output`).nth(output);
    await this.#drag(
      await middle(port),
      await middle(this.page.locator(`[id="${to}"] .red-ui-flow-port-input`)),
    );
  }

  /** Pastes JSON into the import dialog, and lays what it brings down where the mouse then is. */
  async import(flow: readonly object[]): Promise<void> {
    await this.page.evaluate("RED.actions.invoke('core:show-import-dialog')");
    await this.page.fill('#red-ui-clipboard-dialog-import-text', JSON.stringify(flow));
    // The dialog looks at what was pasted when a key goes up.
    await this.page.press('#red-ui-clipboard-dialog-import-text', 'End');
    await this.page.click('#red-ui-clipboard-dialog-ok');
    await this.page.mouse.click(...(await this.#inWorkspace([300, 200])));
  }

  /** What the export dialog gives for all flows. */
  async export(): Promise<string> {
    await this.page.evaluate("RED.actions.invoke('core:show-export-dialog')");
    await this.page.click('#red-ui-clipboard-dialog-export-rng-full');
    const text = await this.page.inputValue('#red-ui-clipboard-dialog-export-text');
    await this.page.click('#red-ui-clipboard-dialog-cancel');
    return text;
  }

  /** Opens the dialog of a node with a double click. */
  async edit(id: string): Promise<void> {
    await this.page.locator(`[id="${id}"] .red-ui-flow-node`).dblclick();
    await this.page.waitForSelector('#node-dialog-ok');
    await this.#settle();
  }

  /** Opens the dialog of a config node from the one of a node, as its pencil does, or its plus where there is none yet. */
  async editConfig(property: string): Promise<void> {
    const isNew = (await this.page.inputValue(`#node-input-${property}`)) === '_ADD_';
    await this.page.click(`#node-input-btn-${property}-${isNew ? 'add' : 'edit'}`);
    await this.page.waitForSelector('#node-config-dialog-ok');
    await this.#settle();
  }

  /** Closes the topmost dialog with its *Done*. */
  async done(): Promise<void> {
    const config = this.page.locator('#node-config-dialog-ok');
    const button = (await config.count()) > 0 ? config : this.page.locator('#node-dialog-ok');
    await button.click();
    await button.waitFor({ state: 'detached' });
    await this.#settle();
  }

  /** Presses *Deploy* and waits until the flow runs. */
  async deploy(): Promise<void> {
    await this.page.waitForSelector('#red-ui-header-button-deploy:not(.disabled)');
    const answer = this.page.waitForResponse(
      (response) => response.url().endsWith('/flows') && response.request().method() === 'POST',
    );
    await this.page.click('#red-ui-header-button-deploy');
    const question = this.page.locator('.red-ui-notification:has(button)').first();
    const asks = question.waitFor().then(async () => {
      throw new Error(`the editor asks: ${await question.innerText()}`);
    });
    asks.catch(() => undefined);
    await Promise.race([answer, asks]);
    await this.page.waitForSelector('#red-ui-header-button-deploy.disabled');
  }

  /** Presses the button of a node, such as the one of an inject node. */
  async press(id: string): Promise<void> {
    await this.page.locator(`[id="${id}"] .red-ui-flow-node-button-button`).click();
  }

  /** The text that stands under a node. */
  async statusOf(id: string): Promise<string> {
    const label = this.page.locator(`[id="${id}"] .red-ui-flow-node-status-label`);
    return (await label.textContent()) ?? '';
  }

  /** The ids of all nodes in the flows. */
  async ids(): Promise<string[]> {
    const ids = await this.page.evaluate('RED.nodes.filterNodes({}).map(({ id }) => id)');
    return ids as string[];
  }

  /** The tray of the topmost dialog. */
  get tray(): Locator {
    return this.page.locator('.red-ui-tray').last();
  }

  /** The ids of the fields that show in the topmost dialog, without `node-input-` and what is generated. */
  async fields(): Promise<string[]> {
    const inputs = this.tray.locator('.red-ui-tray-body :is(input, select)[id^="node-"]:not([id$="Type"])');
    const shown: string[] = [];
    for (const input of await inputs.all()) {
      const id = (await input.getAttribute('id')) ?? '';
      if (await input.locator('xpath=ancestor::div[contains(@class,"form-row")][1]').isVisible())
        shown.push(id.replace(/^node-(config-)?input-(lookup-)?/, ''));
    }
    return shown;
  }

  close(): Promise<void> {
    return this.page.close();
  }

  /** Trays slide in and out. */
  async #settle(): Promise<void> {
    await this.page.waitForFunction(
      "document.querySelectorAll('.red-ui-tray-opening, .ui-effects-wrapper').length === 0",
    );
    await this.page.waitForTimeout(350);
  }

  async #inWorkspace([x, y]: Place): Promise<[number, number]> {
    const box = await this.page.locator('#red-ui-workspace-chart').boundingBox();
    return [(box?.x ?? 0) + x, (box?.y ?? 0) + y];
  }

  async #drag(from: [number, number], to: [number, number]): Promise<void> {
    const { mouse } = this.page;
    await mouse.move(...from);
    await mouse.down();
    await mouse.move(from[0] + 8, from[1] + 8, { steps: 3 });
    await mouse.move(...to, { steps: 8 });
    await mouse.up();
  }

  async #leaveOut(forms: RegExp): Promise<void> {
    await this.page.route('**/nodes', async (route) => {
      if (!/text\/html/.test(route.request().headers().accept)) return route.continue();
      const answer = await route.fetch();
      const parts = (await answer.text()).split(/(?=<!-- --- \[red-module:)/);
      return route.fulfill({ response: answer, body: parts.filter((part) => !forms.test(part)).join('') });
    });
  }
}

async function middle(place: Locator): Promise<[number, number]> {
  const box = await place.boundingBox();
  if (box === null) throw new Error(`nothing to see of ${place}`);
  return [box.x + box.width / 2, box.y + box.height / 2];
}

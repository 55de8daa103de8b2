// A browser without scripts: stores cookies, follows redirects, fills in the form of a page and sends it.

const decode = (text) => text.replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>')
  .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(parseInt(code, 16))).replaceAll('&amp;', '&');
const attribute = (tag, name) => decode(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
const isRedirect = (response) => response.status >= 300 && response.status < 400;

export class Browser {
  #cookies = new Map();
  #home;

  /** @param home The server's origin. An address of another origin belongs to an application; the browser stops there. */
  constructor(home) {
    this.#home = home;
  }

  /** Opens an address and follows redirects until a page is shown or an address of the application is reached. */
  async open(address) {
    for (let url = new URL(address); ;) {
      if (url.origin !== this.#home) return { url };
      const response = await this.#send(url);
      if (!isRedirect(response)) return { url, status: response.status, html: await response.text() };
      url = new URL(response.headers.get('location'), url);
    }
  }

  /**
   * Sends the page's first form.
   * @param typed The user's input by the names of the fields; fields that the page does not have are ignored.
   * @param choice The value of the button to press; the first button if undefined.
   */
  async send(page, typed, choice) {
    const form = /<form[^>]*>[\s\S]*?<\/form>/.exec(page.html)?.[0];
    if (!form) throw new Error(`${page.url} has no form: ${page.html}`);
    const fields = new URLSearchParams();
    for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
      const name = attribute(tag, 'name');
      if (name) fields.append(name, typed[name] ?? attribute(tag, 'value'));
    }

    const button = /<button[^>]*>/.exec(page.html)?.[0] ?? '';
    if (attribute(button, 'name')) fields.set(attribute(button, 'name'), choice ?? attribute(button, 'value'));
    const target = new URL(attribute(/<form[^>]*>/.exec(form)[0], 'action') || page.url, page.url);
    const response = await this.#send(target, { method: 'POST', body: fields });
    return isRedirect(response)
      ? this.open(new URL(response.headers.get('location'), target))
      : { url: target, status: response.status, html: await response.text() };
  }

  async #send(url, init = {}) {
    const headers = { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '), 'sec-fetch-site': 'none' };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }

    return response;
  }
}

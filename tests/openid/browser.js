// What a browser without scripts does: keeps cookies, follows redirects, fills in the one form of a page and sends it.

const decode = (text) => text.replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>')
  .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(parseInt(code, 16))).replaceAll('&amp;', '&');
const attribute = (tag, name) => decode(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
const isRedirect = (answer) => answer.status >= 300 && answer.status < 400;

export class Browser {
  #cookies = new Map();
  #home;

  /** @param home The server's origin: any other address is an application's, where the browser stops. */
  constructor(home) {
    this.#home = home;
  }

  /** Goes there, and on wherever it is sent: to the page that is shown in the end, or to the application's address. */
  async open(address) {
    for (let url = new URL(address); ;) {
      if (url.origin !== this.#home) return { url };
      const answer = await this.#send(url);
      if (!isRedirect(answer)) return { url, status: answer.status, html: await answer.text() };
      url = new URL(answer.headers.get('location'), url);
    }
  }

  /** Sends the page's first form. @param typed What the person types, by the names of the fields; a field that the page has not is left out. @param answer What the button says that is pressed; without it the first. */
  async send(page, typed, answer) {
    const form = /<form[^>]*>[\s\S]*?<\/form>/.exec(page.html)?.[0];
    if (!form) throw new Error(`${page.url} has no form: ${page.html}`);
    const fields = new URLSearchParams();
    for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
      const name = attribute(tag, 'name');
      if (name) fields.append(name, typed[name] ?? attribute(tag, 'value'));
    }

    const button = /<button[^>]*>/.exec(page.html)?.[0] ?? '';
    if (attribute(button, 'name')) fields.set(attribute(button, 'name'), answer ?? attribute(button, 'value'));
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

const api = document.querySelector('meta[name="api-url"]').content;
const status = document.querySelector('[role=status]');
const list = document.querySelector('ul');
const form = document.querySelector('form');

async function call(path, options) {
  const response = await fetch(`${api}${path}`, options);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ?? response.statusText);
  return body;
}

async function show() {
  try {
    const [{ documents }, { version }] = await Promise.all([call('/documents'), call('/version')]);
    document.querySelector('#api').textContent = `${api}, version ${version}`;
    list.replaceChildren(...documents.map(toItem));
    status.textContent = documents.length === 0 ? 'No documents yet.' : '';
  } catch (error) {
    status.textContent = `The API does not answer: ${error.message}`;
  }
}

function toItem(entry) {
  const item = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = ` ${new Date(entry.updated_at).toLocaleString()}`;
  item.append(entry.title, time);
  return item;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    await call('/documents', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
      body: JSON.stringify({ title: form.elements.title.value }),
    });
    form.reset();
    // The list is a projection: it follows the event a moment later.
    setTimeout(show, 300);
  } catch (error) {
    status.textContent = `Not saved: ${error.message}`;
  }
});

show();

// The pictures that were made in this browser, kept by it (IndexedDB): newest first, bounded in
// number and in bytes, the oldest dropped for the newest.

/** @typedef {import("./wish.js").Wish} Wish */

/**
 * A finished picture: the wish it came from with the seed and the size it got, the file itself,
 * and a small version of it where the picture is large.
 * @typedef {object} Shot
 * @property {number} [id]
 * @property {Wish} wish
 * @property {Blob} file
 * @property {Blob | null} small
 * @property {number} seconds that making it took
 * @property {number} madeAt milliseconds since 1970
 */

const STORE = "pictures";
const SMALL_SIDE = 320;

export class Album {
  /** @type {IDBDatabase | null} */
  #database = null;
  /** @type {Shot[]} */
  #shots = [];
  #lastId = 0;

  /**
   * @param {string} name of the database
   * @param {number} most pictures
   * @param {number} bytes of all of them together
   */
  constructor(name = "zimage", most = 300, bytes = 400e6) {
    this.name = name;
    this.most = most;
    this.bytes = bytes;
  }

  /** Read what is kept; false where the browser keeps nothing and pictures last for the visit. */
  async open() {
    try {
      this.#database = await opened(this.name);
      await this.refresh();
      return true;
    } catch {
      this.#database = null;
      return false;
    }
  }

  /** Read anew what is kept: another tab may have made pictures. */
  async refresh() {
    if (!this.#database) return;
    const store = this.#database.transaction(STORE).objectStore(STORE);
    const found = await answered(store.getAll());
    this.#shots = found.reverse();
  }

  /** @returns {readonly Shot[]} newest first */
  get shots() {
    return this.#shots;
  }

  get size() {
    return this.#shots.reduce((sum, shot) => sum + bytesOf(shot), 0);
  }

  /**
   * Keep a picture. Answers how many old ones were dropped for it, and whether there was room.
   * @param {Shot} shot
   * @returns {Promise<{dropped: number, kept: boolean}>}
   */
  async add(shot) {
    shot.small = await smallVersion(shot.file);
    let dropped = 0;
    while (this.#shots.length >= this.most || this.size + bytesOf(shot) > this.bytes) {
      if (!(await this.#dropOldest())) break;
      dropped += 1;
    }
    for (;;) {
      try {
        shot.id = await this.#write(shot);
        this.#shots = [shot, ...this.#shots];
        return { dropped, kept: true };
      } catch {
        if (!(await this.#dropOldest())) return { dropped, kept: false };
        dropped += 1;
      }
    }
  }

  /** @param {number} id */
  async remove(id) {
    if (this.#database) {
      const store = this.#database.transaction(STORE, "readwrite").objectStore(STORE);
      await answered(store.delete(id));
    }
    this.#shots = this.#shots.filter((shot) => shot.id !== id);
  }

  async clear() {
    if (this.#database) {
      await answered(this.#database.transaction(STORE, "readwrite").objectStore(STORE).clear());
    }
    this.#shots = [];
  }

  /** @param {Shot} shot @returns {Promise<number>} its id */
  async #write(shot) {
    if (!this.#database) {
      this.#lastId += 1;
      return this.#lastId;
    }
    const transaction = this.#database.transaction(STORE, "readwrite");
    const adding = transaction.objectStore(STORE).add(shot);
    await completed(transaction);
    return Number(adding.result);
  }

  async #dropOldest() {
    const oldest = this.#shots.at(-1);
    if (oldest?.id === undefined) return false;
    await this.remove(oldest.id);
    return true;
  }
}

/** @param {Shot} shot */
function bytesOf(shot) {
  return shot.file.size + (shot.small?.size ?? 0);
}

/**
 * @param {Blob} file
 * @returns {Promise<Blob | null>} null where the file is small itself
 */
async function smallVersion(file) {
  try {
    const whole = await createImageBitmap(file);
    const scale = SMALL_SIDE / Math.max(whole.width, whole.height);
    if (scale >= 1) return null;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(whole.width * scale);
    canvas.height = Math.round(whole.height * scale);
    canvas.getContext("2d")?.drawImage(whole, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.85));
  } catch {
    return null;
  }
}

/** @param {string} name @returns {Promise<IDBDatabase>} */
function opened(name) {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
  };
  return answered(opening);
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function completed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

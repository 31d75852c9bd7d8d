// What Next.js adds to the types of everything, `next` in `fetch` among it.
/// <reference types="next" />

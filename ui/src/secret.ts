// The window that a PIN is typed into. It shows what it is told, and reaches nothing else of the core.
import { createApp, shallowRef } from "vue";
import "./styles/tokens.css";
import "./styles/base.css";
import { secretDoor } from "./backend/secret";
import SecretWindow from "./screens/secret/SecretWindow.vue";
import { followLooks } from "./state/theme";

const door = secretDoor();
door.asked().then(
  (ask) => {
    // Nobody asks any more.
    if (ask === null) return door.givenUp();
    followLooks(shallowRef(ask));
    createApp(SecretWindow, { ask, door }).mount("#app");
    return undefined;
  },
  () => door.givenUp(),
);

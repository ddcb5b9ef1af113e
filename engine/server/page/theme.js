// Runs before anything is painted, so that nobody sees the other theme flash by.
(() => {
  try {
    const theme = localStorage.getItem("zimage.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // A browser that keeps nothing follows the system.
  }
})();

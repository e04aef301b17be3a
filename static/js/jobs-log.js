// The tail of a job's log: appends new lines and follows them, until the reader scrolls up.

const box = document.getElementById("log-lines");
const follow = document.getElementById("log-follow");
const KEPT = 5000;
let reading = false;
let again = false;

const atEnd = () => box.scrollHeight - box.scrollTop - box.clientHeight < 24;
const following = () => follow.getAttribute("aria-pressed") === "true";
const setFollowing = (on) => follow.setAttribute("aria-pressed", String(on));

function append(lines) {
  document.getElementById("log-empty")?.remove();
  box.hidden = false;
  box.append(lines.map((line) => `${line.message.replaceAll("#011", "\t")}\n`).join(""));
  box.normalize();
  if (!following()) return; // What is being read must not move.
  const text = box.textContent.split("\n");
  if (text.length > KEPT) box.textContent = text.slice(-KEPT).join("\n");
  box.scrollTop = box.scrollHeight;
}

// One request at a time; what came meanwhile is fetched right after.
async function read() {
  again = true;
  if (reading) return;
  reading = true;
  while (again) {
    again = false;
    const answer = await fetch(`${box.dataset.logUrl}?after=${box.dataset.after}`);
    if (!answer.ok) break;
    const { lines, next } = await answer.json();
    box.dataset.after = next;
    if (lines.length) append(lines);
    again ||= lines.length === 1000;
  }
  reading = false;
}

if (box?.dataset.logUrl) {
  follow.hidden = false;
  box.scrollTop = box.scrollHeight;
  box.addEventListener("live", read);
  box.addEventListener("scroll", () => setFollowing(atEnd()));
  follow.addEventListener("click", () => {
    setFollowing(!following());
    if (following()) box.scrollTop = box.scrollHeight;
  });
}

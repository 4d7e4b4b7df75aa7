// A link whose address comes as a message, so that it is in the page and in nothing that is saved.
function render({ model, el }) {
  const link = Object.assign(document.createElement("a"), { target: "_blank", rel: "noopener noreferrer", hidden: true });
  link.textContent = model.get("words");
  el.append(link);
  const told = (message) => {
    link.hidden = !message.address;
    if (message.address) link.href = message.address;
    else link.removeAttribute("href");
  };
  model.on("msg:custom", told);
  model.send({ asks: "address" });
  return () => model.off("msg:custom", told);
}
export default { render };

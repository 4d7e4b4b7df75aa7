"""Two pairs of hands on the form of a case in a real browser: one that points and clicks, one that has a keyboard only."""

from playwright.sync_api import Locator, Page

FOCUSED = "element => element === document.activeElement"
BEFORE = (
    "element => Boolean(document.activeElement.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING)"
)


class Mouse:
    """Points and clicks; types where it has clicked."""

    def __init__(self, page: Page):
        self.page, self.root = page, page.locator(".tk.editor")

    def settle(self) -> None:
        """Wait until the program has answered everything."""
        self.page.wait_for_selector(".tk.editor:not([aria-busy]):not(:has([data-dirty], [data-picking]))")

    def saved(self) -> None:
        """Wait until the file says the same."""
        self.page.wait_for_selector(".tk.editor .saved:has-text('в файле то же самое')", timeout=20_000)

    def field(self, name: str, nth: int = 0) -> Locator:
        """A field by its label, or by the end of its id after a ``#``."""
        if name.startswith("#"):
            return self.root.locator(f'[id$="{name[1:]}"]').nth(nth)
        controls = self.page.locator("input, textarea, select, button")
        return self.root.get_by_label(name, exact=True).and_(controls).filter(visible=True).nth(nth)

    def reach(self, target: Locator) -> None:
        target.scroll_into_view_if_needed()

    def write(self, name: str, text: str, nth: int = 0) -> None:
        """Replace what a field says."""
        field = self.field(name, nth)
        self.reach(field)
        self._into(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)
        self.settle()

    def _into(self, field: Locator) -> None:
        field.click()

    def press(self, name: str, within: str = "", nth: int = 0) -> None:
        """Press a button, or open what is behind a summary, by its words."""
        place = self.root.locator(within) if within else self.root
        button = place.locator("button, summary").filter(has_text=name).nth(nth)
        self.reach(button)
        self._press(button)
        self.settle()

    def _press(self, button: Locator) -> None:
        button.click()

    def map(self, title: str) -> None:
        """Point to a place on the map."""
        self.press(title, ".map")

    def choose(self, name: str, option: str, nth: int = 0) -> None:
        """Pick from a list."""
        field = self.field(name, nth)
        self.reach(field)
        field.dispatch_event("pointerdown", {"bubbles": True})  # a hand unfolds the list first
        field.select_option(label=option)
        self.settle()

    def tick(self, name: str) -> None:
        """Tick a box, or one of several."""
        field = self.field(name)
        self.reach(field)
        field.locator("xpath=..").click()
        self.settle()

    def slide(self, name: str, to: int) -> None:
        """Move a slider."""
        field = self.field(name)
        self.reach(field)
        low, high = (int(field.get_attribute(end)) for end in ("min", "max"))
        box = field.bounding_box()
        field.click(position={"x": 8 + (box["width"] - 16) * (to - low) / (high - low), "y": box["height"] / 2})
        self.settle()
        assert abs(int(field.input_value()) - to) <= 10, (name, to, field.input_value())


class Keyboard(Mouse):
    """Has Tab, Enter, Space, arrows and letters only."""

    def reach(self, target: Locator) -> None:
        """Tab to it, forward or back."""
        for _ in range(400):
            if target.evaluate(FOCUSED):
                return
            self.page.keyboard.press("Shift+Tab" if target.evaluate(BEFORE) else "Tab")
        raise AssertionError(f"{target} can't be reached by Tab")

    def _into(self, field: Locator) -> None:
        assert field.evaluate(FOCUSED)

    def _press(self, button: Locator) -> None:
        self.page.keyboard.press("Enter")

    def choose(self, name: str, option: str, nth: int = 0) -> None:
        field = self.field(name, nth)
        self.reach(field)
        labels = [text.strip() for text in field.locator("option").all_inner_texts()]
        ways = labels.index(option) - field.evaluate("element => element.selectedIndex")
        for _ in range(abs(ways)):
            self.page.keyboard.press("ArrowDown" if ways > 0 else "ArrowUp")
        said = field.evaluate("element => element.selectedOptions[0].text.trim()")
        assert said == option, (name, said, option, ways, labels, field.evaluate(FOCUSED))
        self.page.keyboard.press("Enter")
        self.settle()

    def tick(self, name: str) -> None:
        field = self.field(name)
        if field.get_attribute("type") == "radio":  # Tab comes to the one that is chosen, arrows go on
            self.reach(field.locator("xpath=ancestor::fieldset//input[@checked]").first)
            for _ in range(8):
                if field.is_checked():
                    break
                self.page.keyboard.press("ArrowRight")
        else:
            self.reach(field)
            self.page.keyboard.press("Space")
        self.settle()

    def slide(self, name: str, to: int) -> None:
        field = self.field(name)
        self.reach(field)
        steps = round((to - int(field.input_value())) / int(field.get_attribute("step")))
        for _ in range(abs(steps)):
            self.page.keyboard.press("ArrowRight" if steps > 0 else "ArrowLeft")
        self.settle()
        assert abs(int(field.input_value()) - to) < int(field.get_attribute("step"))

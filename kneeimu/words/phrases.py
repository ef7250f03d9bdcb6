"""What the codes of coaching mean in words. Plain, short, and never a name for what may be wrong with a knee."""

from __future__ import annotations

from typing import Any

from kneeimu.words import _, mark

SAYINGS = {
    "slower": mark("Slower: follow the wave"),
    "target-reached": mark("{reps} done. Stop here, or two more if it feels easy"),
    "set-goes-on": mark("Going on with this set"),
    "move-sensor": mark("Move the sensor"),
    "take-position": mark("Take up the position: it begins by itself"),
    "pain-during-green": mark("Fine, go on gently"),
    "pain-during-amber": mark("Go on smaller and slower; nothing is added today"),
    "pain-during-red": mark("This exercise is over for today"),
}

PRAISE = {
    "all-clean": mark("Every rep clean"),
    "tempo": mark("Steady tempo"),
    "range": mark("Even range from first to last"),
    "more-than-last": mark("More than last time"),
    "target": mark("Target reached"),
    "still": mark("Held still all the way"),
    "done": mark("You did it, that is what counts"),
    "stopped": mark("You stopped when it hurt: that was right"),
}

WORK_ON = {
    "knee-in": mark("Keep the knee over the middle toes"),
    "inward-rotation": mark("Let the knee point over the toes"),
    "shallow": mark("Use the same depth in every rep"),
    "dropped": mark("Take more time on the way back"),
    "fast": mark("Take more time in both directions"),
    "slower": mark("Follow the wave: slower"),
    "short": mark("Finish every rep, or stop one earlier"),
    "wobble": mark("A hand near the wall for balance"),
    "snapping": mark("Straighten softly"),
    "short-hold": mark("Hold a moment longer at the end"),
    "incomplete": mark("Straighten a little further"),
    "over-roll": mark("Keep the hips stacked"),
    "forward": mark("Lift straight to the side"),
    "toes-up": mark("Toes forward"),
    "rushed": mark("Slower steps"),
    "lost-tension": mark("Keep the band tight"),
    "standing-up": mark("Stay low"),
}

NOTICES = {
    "link-none": mark("No sensor yet, nothing is counted. Is it on? Add reps with +"),
    "link-lost": mark("Connection lost. Keep going: I am looking for the sensor, add reps with +"),
    "link-stalled": mark("The sensor is silent for a moment"),
    "strap-moved": mark("The strap has slipped. Finish the set, then tighten it"),
    "sensor-odd": mark("The sensor's numbers look wrong. Counts may be off"),
    "battery-low": mark("The sensor's battery is low"),
}

QUESTIONS = {
    "no-weight": mark("You can't put your weight on the leg"),
    "injury": mark("A fall, blow or twist in the last days that still hurts"),
    "swollen-shape": mark("The knee is badly swollen or looks out of shape"),
    "locked": mark("The knee is stuck: it won't bend or won't straighten"),
    "gives-way": mark("The knee gives way under you"),
    "hot-fever": mark("The knee is hot or red, with fever or chills"),
    "calf-breath": mark("A swollen or painful calf, chest pain or short breath"),
    "numb-colour": mark("Numbness, or the foot is cold, pale or blue"),
    "night-pain": mark("Strong pain at night or at rest, or losing weight without a reason"),
}

GATE_ADVICE = {
    "urgent": mark(
        "Please don't exercise now. Have this looked at today: call your doctor or an urgent care line. With short "
        "breath or chest pain call the emergency number."
    ),
    "soon": mark("Please don't exercise today. Show this to your doctor or physiotherapist before you train again."),
}

PAIN_ADVICE = {
    "pain-before-green": mark("Good to go."),
    "pain-before-amber": mark("Go gently today: smaller, slower, and nothing is added."),
    "pain-before-red": mark(
        "Rest today. If it stays like this for more than a few days, talk to your doctor or physiotherapist."
    ),
    "pain-during-green": SAYINGS["pain-during-green"],
    "pain-during-amber": SAYINGS["pain-during-amber"],
    "pain-during-red": SAYINGS["pain-during-red"],
    "pain-after-green": mark("Good. It should feel like before within an hour."),
    "pain-after-amber": mark("Nothing is added next time. It should settle within an hour."),
    "pain-after-red": mark(
        "That was too much. Next time does less. If it stays, talk to your doctor or physiotherapist."
    ),
    "pain-next-morning-green": mark("Good morning. All is well."),
    "pain-next-morning-amber": mark("Noted. Nothing is added for now."),
    "pain-next-morning-red": mark("Rest today. Next time does less. If it stays, talk to a professional."),
}

PAIN_QUESTIONS = {
    "before": mark("How much does the knee hurt now?"),
    "during": mark("How much does it hurt?"),
    "after": mark("How much does the knee hurt after training?"),
    "next-morning": mark("How does the knee feel this morning?"),
}

ADVICE = {
    "more-sets": mark("Next time: one set more"),
    "next-band": mark("Next time: the {band} band, back to the lower number of reps"),
    "add-load": mark("This has become easy. Ask your physiotherapist how to make it harder"),
    "stay": mark("Next time: the same again"),
    "less-band": mark("Next time: the {band} band"),
    "fewer-sets": mark("Next time: one set less"),
    "ease": mark("Next time: smaller and slower"),
}

REASONS = {
    "first-time": mark("this was the first time"),
    "once-more": mark("once more like this, then more"),
    "not-finished": mark("not all sets were done"),
    "target-not-passed": mark("more comes after two extra reps in the last set, twice in a row"),
    "pain-unknown": mark("pain was not noted"),
    "pain-amber": mark("pain was above 2"),
    "pain-red": mark("pain was above 5"),
    "pain-lingered": mark("pain stayed on or came back the next morning"),
    "form-open": mark("some reps were not clean yet"),
    "form-slipped": mark("fewer than six in ten reps were clean"),
    "drift-unknown": mark("the knee's drift was not measured"),
    "drift-red": mark("the knee drifted far inwards"),
    "range-unknown": mark("there is no range to compare with yet"),
    "range-small": mark("the range was smaller than usual"),
    "two-for-two": mark("two sessions in a row with reps to spare, clean and calm"),
}

BANDS = {
    "none": mark("no band"),
    "light": mark("light"),
    "medium": mark("medium"),
    "heavy": mark("heavy"),
    "extra-heavy": mark("extra heavy"),
}

LEGS = {
    "training": mark("trained leg"),
    "both": mark("both legs"),
    "left": mark("left leg"),
    "right": mark("right leg"),
}

LINK_STATES = {
    "searching": mark("Looking for the sensor"),
    "connecting": mark("Connecting"),
    "streaming": mark("Connected"),
    "stalled": mark("Connected, but no data"),
    "lost": mark("Connection lost"),
    "reconnecting": mark("Connection lost, trying again"),
    "closed": mark("Not connected"),
    "replay": mark("Recording"),
    "paused": mark("Paused"),
}
"""How the sensor's link is doing, by the word of ``LinkState``."""

SITES = {"left": mark("left"), "right": mark("right"), "thigh": mark("thigh"), "shin": mark("shin")}
"""Side and mount as bare words, in tables and settings."""

MOUNTS = {"thigh": mark("sensor on the thigh"), "shin": mark("sensor on the shin")}

WAYS = {
    "left": mark("to the left"),
    "right": mark("to the right"),
    "forward": mark("forwards"),
    "back": mark("backwards"),
}

MOVES = {
    "squat": (mark("Down"), mark("Stay"), mark("Up")),
    "terminal-knee-extension": (mark("Straighten"), mark("Hold"), mark("Bend")),
    "clamshell": (mark("Open"), mark("Hold"), mark("Close")),
    "hip-abduction": (mark("Lift"), mark("Hold"), mark("Lower")),
    "knee-extension": (mark("Straighten"), mark("Hold"), mark("Lower")),
    "straight-leg-raise": (mark("Lift"), mark("Hold"), mark("Lower")),
    "prone-hip-extension": (mark("Lift"), mark("Hold"), mark("Lower")),
    "lateral-walk": (mark("Step"), mark("Hold"), mark("Follow")),
    "monster-walk": (mark("Step"), mark("Hold"), mark("Follow")),
}
"""Out, hold, back; what is not here goes down and up."""


def phrase(table: dict[str, str], code: str, **values: Any) -> str:
    """Give the words of a code in the chosen language; an unknown code as it is."""
    return _(table.get(code, code)).format(**values)


def move_words(exercise: str, part: str) -> str:
    """Name a part of the rep ("out", "hold", "back" or "pause") in the exercise's own words."""
    names = MOVES.get(exercise, MOVES["squat"])
    at = {"out": 0, "hold": 1, "back": 2}.get(part)
    return _("Ready") if at is None else _(names[at])

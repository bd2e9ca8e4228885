"""What every scenario is given: the services with something in them, one running app, and the clients."""

from contextlib import ExitStack

from catalogue import Catalogue
from cdn import Cdn
from clients import Feed, Slack, State
from day import App, OTHER_CHANNEL, PUBLIC_CHANNEL, Timetable, environment


class Stage:
    """A shop, its buckets and its channel. `app` is started once and shared by the scenarios, in their order."""

    def __init__(self, services, binary, checks):
        self.services, self.binary, self.checks = services, binary, checks
        self.closing = ExitStack()
        self.timetable = Timetable()
        self.feed = Feed(services)
        self.feed.create()
        self.state = State(services)
        self.state.create()
        self.slack = Slack(services, PUBLIC_CHANNEL)
        self.other_slack = Slack(services, OTHER_CHANNEL)
        self.catalogue = Catalogue()
        self.closing.callback(self.catalogue.close)
        self.cdn = Cdn(self.feed)
        self.closing.callback(self.cdn.close)
        self._app = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closing.close()

    @property
    def app(self):
        if self._app is None:
            self._app = self.start("auto-ep")
        return self._app

    def start(self, name, state=None, **changes):
        """One more instance; `changes` replaces environment variables, None removes one."""
        settings = environment(self.services, self.timetable, self.catalogue, self.cdn, self.feed,
                               state or self.state, **changes)
        return App(self.services, self.binary, name, settings)

    def parent(self):
        """The day's parent in the channel, once there is one."""
        parents = self.slack.parents()
        return parents[0] if parents else None

    def replies(self):
        parent = self.parent()
        return self.slack.replies(parent["ts"]) if parent else []

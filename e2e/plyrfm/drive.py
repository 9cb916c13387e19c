"""Drives a site with the published client, unmodified: every call that it has for tracks, artists and search.

`python drive.py URL TOKEN AUDIO OTHER_AUDIO FOLDER` exits with 0 when each call did what its user expects.
"""

import sys
import time
from pathlib import Path

from plyrfm import PlyrClient
from plyrfm._internal.types import (
    ArtistProfilePatch,
    PublishingDefaults,
    PublishingPolicy,
    TrackPatch,
)


def until(ask, is_so, what):
    """Asks again until it is so: some things follow others."""
    for _ in range(600):
        answer = ask()
        if is_so(answer):
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{what}: {answer}")


def main(url, token, audio, other, folder):
    client = PlyrClient(token=token, api_url=url)
    anybody = PlyrClient(api_url=url)

    me = client.me()
    assert me["did"].startswith("did:"), me

    uploaded = client.tracks.upload(
        audio, "Night Tram", album="Lines", tags={"ambient", "night"}, description="of trams"
    )
    track = client.tracks.get(uploaded.track_id)
    assert (track.title, track.description) == ("Night Tram", "of trams"), track
    assert track.album.title == "Lines" and set(track.tags) == {"ambient", "night"}, track
    assert track.audio_url and not track.gated and track.audio_storage == "r2", track
    print("upload, get")

    assert [it.id for it in anybody.tracks.list()] == [track.id]
    assert [it.id for it in client.tracks.my()] == [track.id]
    track = until(lambda: client.tracks.get(track.id), lambda it: it.atproto_uri, "its record")
    assert anybody.tracks.get(track.atproto_uri).id == track.id
    print("list, my, get by uri")

    updated = client.tracks.update(
        track.id, TrackPatch(title="Day Tram", tags=["day"], description="")
    )
    assert (updated.title, updated.tags, updated.description) == ("Day Tram", ["day"], None), updated
    assert updated.support_gate is None and updated.album.title == "Lines", updated
    print("update")

    client.tracks.like(track.id)
    assert [it.id for it in client.tracks.liked()] == [track.id]
    assert [it.id for it in anybody.discover.top_tracks()] == [track.id]
    client.tracks.unlike(track.id)
    assert client.tracks.liked() == []
    print("like, liked, top, unlike")

    saved = client.tracks.download(track.id, Path(folder) / "saved.mp3")
    assert saved.read_bytes() == Path(audio).read_bytes()
    print("download")

    replaced = client.tracks.replace_audio(track.id, other)
    assert (replaced.track_id, replaced.title) == (track.id, "Day Tram"), replaced
    assert client.tracks.get(track.id).file_type == "flac"
    (before,) = client.tracks.revisions(track.id)
    assert (before.track_id, before.file_type, before.was_gated) == (track.id, "mp3", False), before
    displaced = client.tracks.restore_revision(track.id, before.id)
    assert displaced.file_type == "flac", displaced
    assert client.tracks.get(track.id).file_id == track.file_id
    print("replace-audio, revisions, restore-revision")

    (tag,) = anybody.tags.list(q="da")
    assert (tag.name, tag.track_count) == ("day", 1), tag
    assert [it.id for it in anybody.tags.tracks("day")] == [track.id]
    print("tags")

    profile = client.artists.me()
    assert profile.display_name == "The Tram", profile
    profile = client.artists.update(ArtistProfilePatch(bio="of trams", show_liked_on_profile=True))
    assert (profile.bio, profile.show_liked_on_profile) == ("of trams", True), profile
    print("artists me, update")

    found = anybody.discover.search("tram")
    assert {it.type for it in found.results} >= {"track", "artist"}, found
    (hit,) = anybody.discover.search("day", type="track").results
    assert (hit.id, hit.title) == (track.id, "Day Tram"), hit
    print("search")

    policy = PublishingPolicy(listening="supporters", downloads="supporters")
    gated = client.tracks.upload(audio, "For you", publishing=PublishingDefaults(access=policy))
    seen = anybody.tracks.get(gated.track_id)
    assert seen.gated and seen.support_gate and seen.audio_url is None, seen
    assert not client.tracks.get(gated.track_id).gated
    print("upload, gated")

    for it in client.tracks.my():
        client.tracks.delete(it.id)
    assert client.tracks.my() == [] and anybody.tracks.list() == []
    print("delete")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A compact set of hashes behaves as a set."""

from hypothesis import given
from hypothesis import strategies as st

from app.referentiels.empreintes import Empreintes

# Few different bytes, so that slots are shared and hashes are found across two others.
_EMPREINTES = st.lists(st.sampled_from([0, 1]), min_size=12, max_size=12).map(bytes)


@given(connues=st.sets(_EMPREINTES), cherchees=st.lists(_EMPREINTES))
def test_taking_away_is_that_of_a_set(connues, cherchees):
    empreintes = Empreintes(b"".join(connues))

    for une in cherchees:
        assert empreintes.retirer(une) is (une in connues)
        connues.discard(une)

    assert sorted(empreintes) == sorted(connues)

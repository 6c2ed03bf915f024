"""Operators as modules: what they hold, what they refuse, and that they are the function."""

import poolwright_torch as pw
import pytest
import torch
from torch import Tensor


def planes() -> Tensor:
    torch.manual_seed(1)
    return torch.randn(2, 4, 7, 7)


def test_a_module_is_its_function() -> None:
    x = planes()
    assert torch.equal(pw.Pooling(pw.softpool, 3, 2, 1, ceil_mode=True)(x), pw.softpool(x, 3, 2, 1, ceil_mode=True))
    assert torch.equal(pw.Pooling(pw.avg, 3, 2, 1, count_include_pad=False)(x), pw.avg(x, 3, 2, 1, count_include_pad=False))


def test_the_first_of_several_results() -> None:
    assert torch.equal(pw.Pooling(pw.max, 2)(planes()), torch.nn.functional.max_pool2d(planes(), 2))


def test_a_scalar_is_learned() -> None:
    pool = pw.Pooling(pw.gem, 2, p=3.0)
    x = planes().abs() + 0.1
    pool(x).sum().backward()
    p = torch.tensor(3.0, requires_grad=True)
    pw.gem(x, p, 2).sum().backward()
    assert list(pool.state_dict()) == ["p"]
    torch.testing.assert_close(pool.p.grad, p.grad)


def test_the_modules_of_one_call_share_no_values() -> None:
    start = torch.tensor(3.0)
    pool = pw.Pooling(pw.gem, 2, p=start)
    with torch.no_grad():
        pool.p.add_(1)
    assert start == 3


def test_a_parameter_by_channel_has_one_value_a_channel() -> None:
    filled = pw.Pooling(pw.gaussian, 2, num_features=4, weight=0.5)
    given = pw.Pooling(pw.gaussian, 2, weight=torch.full((4,), 0.5))
    assert filled.weight.shape == given.weight.shape == (4,)
    assert torch.equal(filled(planes()), given(planes()))
    filled(planes()).square().sum().backward()
    assert (filled.weight.grad != 0).all()


def test_a_parameter_by_kernel_has_one_value_a_tap() -> None:
    pool = pw.Pooling(pw.gated, (2, 3), stride=(2, 2), w=0.0)
    assert pool.w.shape == (2, 3)
    half = (torch.nn.functional.max_pool2d(planes(), (2, 3), 2) + torch.nn.functional.avg_pool2d(planes(), (2, 3), 2)) / 2
    torch.testing.assert_close(pool(planes()), half)


def test_attributes_are_constant() -> None:
    pool = pw.Pooling(pw.gaussian, 2, num_features=4, weight=1.0, eps=4.0)
    assert list(pool.state_dict()) == ["weight"]
    assert torch.equal(pool(planes()), pw.gaussian(planes(), torch.ones(4), 2, eps=4.0))
    assert not torch.equal(pool(planes()), pw.gaussian(planes(), torch.ones(4), 2))
    assert "gaussian, kernel_size=2, stride=2" in repr(pool) and "eps=4.0" in repr(pool)


def test_refusals() -> None:
    with pytest.raises(TypeError, match="is no pooling operator"):
        pw.Pooling(torch.nn.functional.avg_pool2d, 2)
    with pytest.raises(TypeError, match=r"lip takes further tensors \(l\)"):
        pw.Pooling(pw.lip, 2)
    with pytest.raises(TypeError, match="takes m by sample-channel"):
        pw.Pooling(pw.isp_gaussian, 2, m=1.0, s=1.0)
    with pytest.raises(TypeError, match="gem needs initial values of: p"):
        pw.Pooling(pw.gem, 2)
    with pytest.raises(TypeError, match="softpool has no parameter or attribute q; it has: none"):
        pw.Pooling(pw.softpool, 2, q=1.0)
    with pytest.raises(ValueError, match=r"p has shape \(2,\), but by scalar it must have \(\)"):
        pw.Pooling(pw.gem, 2, p=torch.ones(2))
    with pytest.raises(ValueError, match=r"weight has shape \(3,\), but by channel it must have \(4,\)"):
        pw.Pooling(pw.gaussian, 2, num_features=4, weight=torch.ones(3))
    with pytest.raises(TypeError, match="weight is one number a channel: give num_features"):
        pw.Pooling(pw.gaussian, 2, weight=1.0)
    with pytest.raises(TypeError, match="w is one number a tap: give kernel_size as one integer a dimension"):
        pw.Pooling(pw.gated, 2, w=0.0)

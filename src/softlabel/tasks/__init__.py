"""What a label is: how labels become target rows and target rows become labels again."""

from softlabel.tasks.multiclass import Multiclass
from softlabel.tasks.multilabel import Multilabel
from softlabel.tasks.ordinal import Ordinal
from softlabel.tasks.ordinal_distribution import OrdinalDistribution
from softlabel.tasks.ordinal_scalar import OrdinalScalar
from softlabel.tasks.records import task_from_record
from softlabel.tasks.task import Kind, Task

__all__ = [
    "Kind",
    "Multiclass",
    "Multilabel",
    "Ordinal",
    "OrdinalDistribution",
    "OrdinalScalar",
    "Task",
    "task_from_record",
]

"""Where Amazon keeps the images of its built-in algorithms and of the frameworks.

The account ids are those of the SageMaker Python SDK 2 (aws/sagemaker-python-sdk, folder
src/sagemaker/image_uri_config: xgboost.json at 02ed3cb, knn.json, kmeans.json and blazingtext.json
at 088b7ac; pytorch.json and tensorflow.json of release 2.257.6). A region that is not in those
files is not in these tables either.
"""

from aws.errors import Invalid

# Of XGBoost and scikit-learn (sklearn.json has the same accounts).
_XGBOOST = {
    "af-south-1": "510948584623",
    "ap-east-1": "651117190479",
    "ap-northeast-1": "354813040037",
    "ap-northeast-2": "366743142698",
    "ap-northeast-3": "867004704886",
    "ap-south-1": "720646828776",
    "ap-south-2": "628508329040",
    "ap-southeast-1": "121021644041",
    "ap-southeast-2": "783357654285",
    "ap-southeast-3": "951798379941",
    "ap-southeast-4": "106583098589",
    "ca-central-1": "341280168497",
    "ca-west-1": "190319476487",
    "cn-north-1": "450853457545",
    "cn-northwest-1": "451049120500",
    "eu-central-1": "492215442770",
    "eu-central-2": "680994064768",
    "eu-north-1": "662702820516",
    "eu-south-1": "978288397137",
    "eu-south-2": "104374241257",
    "eu-west-1": "141502667606",
    "eu-west-2": "764974769150",
    "eu-west-3": "659782779980",
    "il-central-1": "898809789911",
    "me-central-1": "272398656194",
    "me-south-1": "801668240914",
    "sa-east-1": "737474898029",
    "us-east-1": "683313688378",
    "us-east-2": "257758044811",
    "us-gov-east-1": "237065988967",
    "us-gov-west-1": "414596584902",
    "us-west-1": "746614075791",
    "us-west-2": "246618743249",
}

_FIRST_PARTY = {
    "af-south-1": "455444449433",
    "ap-east-1": "286214385809",
    "ap-northeast-1": "351501993468",
    "ap-northeast-2": "835164637446",
    "ap-northeast-3": "364406365360",
    "ap-south-1": "991648021394",
    "ap-southeast-1": "475088953585",
    "ap-southeast-2": "712309505854",
    "ca-central-1": "469771592824",
    "cn-north-1": "390948362332",
    "cn-northwest-1": "387376663083",
    "eu-central-1": "664544806723",
    "eu-north-1": "669576153137",
    "eu-south-1": "257386234256",
    "eu-west-1": "438346466558",
    "eu-west-2": "644912444149",
    "eu-west-3": "749696950732",
    "me-south-1": "249704162688",
    "sa-east-1": "855470959533",
    "us-east-1": "382416733822",
    "us-east-2": "404615174143",
    "us-gov-west-1": "226302683700",
    "us-west-1": "632365934929",
    "us-west-2": "174872318107",
}

# BlazingText lives beside the other algorithms except in the older regions.
_BLAZINGTEXT = _FIRST_PARTY | {
    "ap-northeast-1": "501404015308",
    "ap-northeast-2": "306986355934",
    "ap-southeast-2": "544295431143",
    "eu-central-1": "813361260812",
    "eu-west-1": "685385470294",
    "us-east-1": "811284229777",
    "us-east-2": "825641698319",
    "us-west-2": "433757028032",
}

# Amazon's Deep Learning Containers, of PyTorch and TensorFlow.
_COMMON = "763104351884"
_DEEP_LEARNING = {
    "af-south-1": "626614931356",
    "ap-east-1": "871362719292",
    "ap-northeast-3": "364406365360",
    "ap-south-2": "772153158452",
    "ap-southeast-3": "907027046896",
    "ap-southeast-4": "457447274322",
    "ca-west-1": "204538143572",
    "cn-north-1": "727897471807",
    "cn-northwest-1": "727897471807",
    "eu-central-2": "380420809688",
    "eu-south-1": "692866216735",
    "eu-south-2": "503227376785",
    "il-central-1": "780543022126",
    "me-central-1": "914824155844",
    "me-south-1": "217643126080",
    "us-gov-east-1": "446045086412",
    "us-gov-west-1": "442386744353",
} | dict.fromkeys(
    (
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
        *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
        *("ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    ),
    _COMMON,
)

_REGISTRIES = {
    "pytorch-training": _DEEP_LEARNING,
    "pytorch-inference": _DEEP_LEARNING,
    "tensorflow-training": _DEEP_LEARNING,
    "tensorflow-inference": _DEEP_LEARNING,
    "sagemaker-xgboost": _XGBOOST,
    "sagemaker-scikit-learn": _XGBOOST,
    "knn": _FIRST_PARTY,
    "kmeans": _FIRST_PARTY,
    "linear-learner": _FIRST_PARTY,
    "pca": _FIRST_PARTY,
    "randomcutforest": _FIRST_PARTY,
    "factorization-machines": _FIRST_PARTY,
    "blazingtext": _BLAZINGTEXT,
}

KNOWN = frozenset(_REGISTRIES)


def image_uri(algorithm_repository: str, version: str, region: str) -> str:
    """An algorithm's image, such as ("sagemaker-xgboost", "1.7-1", "us-east-1") or ("knn", "1", …).

    `Invalid` for a repository, or a region of it, whose registry is not known. The version is not
    checked.
    """
    accounts = _REGISTRIES.get(algorithm_repository)
    if accounts is None:
        raise Invalid(f"No image registry is known for the algorithm {algorithm_repository!r}.")
    if region not in accounts:
        raise Invalid(
            f"No image registry is known for {algorithm_repository} in the region {region!r}."
            f" Known regions: {', '.join(accounts)}."
        )
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{accounts[region]}.dkr.ecr.{region}.{domain}/{algorithm_repository}:{version}"


def repository(image: str) -> str:
    """`1234.dkr.ecr.us-east-1.amazonaws.com/knn:1` -> `knn`: any account, region and version."""
    return image.rpartition("/")[2].partition("@")[0].partition(":")[0]


def tag(image: str) -> str:
    """The part after the repository, "" without one."""
    return image.rpartition("/")[2].partition("@")[0].partition(":")[2]
